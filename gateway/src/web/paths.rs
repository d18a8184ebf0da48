//! Which paths are the web app's, and what is on them.

/// What the path's first part is where it is the API's, whether something is served there or not.
const API: [&str; 4] = ["api", "ws", "livez", "readyz"];

/// Whether a path is the web app's: all are that are not the API's.
pub(crate) fn owns(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    !API.contains(&first)
}

/// What the app shows on a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page<'a> {
    /// The first.
    Home,
    /// Where one votes in a poll, by its slug or id.
    Ballot(&'a str),
    /// Another page of a poll.
    Poll(&'a str),
    /// Something else that it knows.
    Other,
    /// That it knows of nothing there.
    NotFound,
}

impl<'a> Page<'a> {
    /// Reads the path as the app's router does, which lets it end with a slash.
    pub(super) fn at(path: &'a str) -> Self {
        if path == "/" {
            return Self::Home;
        }
        let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        match parts[..] {
            ["", "new" | "polls" | "notifications"] => Self::Other,
            ["", "sign-in" | "sign-up" | "verify" | "forgot-password" | "reset-password"] => Self::Other,
            ["", "p" | "embed", "", ..] => Self::NotFound,
            ["", "p", poll] => Self::Ballot(poll),
            ["", "embed", poll] | ["", "p", poll, "results" | "share" | "present"] => Self::Poll(poll),
            _ => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_paths_but_the_api_s_are_the_app_s() {
        for path in ["/", "/p/lunch", "/apiary", "/wsx", "/assets/a.js", "/p/api", "/metrics", "*", ""] {
            assert!(owns(path), "{path}");
        }
        for path in ["/api", "/api/", "/api/v2/polls", "//api/v1/polls", "/ws", "/ws/x", "/livez", "/readyz"]
        {
            assert!(!owns(path), "{path}");
        }
    }

    #[test]
    fn pages_are_known_by_their_paths() {
        assert_eq!(Page::at("/"), Page::Home);
        for path in ["/new", "/new/", "/polls", "/sign-in", "/verify", "/reset-password", "/notifications"] {
            assert_eq!(Page::at(path), Page::Other, "{path}");
        }
        for path in ["/p/x", "/p/x/"] {
            assert_eq!(Page::at(path), Page::Ballot("x"), "{path}");
        }
        for path in ["/p/x/results", "/p/x/share", "/p/x/present", "/embed/x"] {
            assert_eq!(Page::at(path), Page::Poll("x"), "{path}");
        }
        for path in [
            "/p",
            "/p/",
            "/p//",
            "/p//results",
            "/p/x/y",
            "/embed/x/results",
            "/new/x",
            "//",
            "*",
            "/index.html",
        ] {
            assert_eq!(Page::at(path), Page::NotFound, "{path}");
        }
    }

    #[test]
    fn the_app_s_own_routes_are_these() {
        let app = include_str!("../../web/src/app.tsx");
        let routes = app.split("<Route path=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let routes: Vec<String> = routes.map(|route| route.replace(":poll", "x")).collect();
        assert_eq!(routes.len(), 14, "{routes:?}");
        for route in routes {
            let expected = match route.as_str() {
                "/" => Page::Home,
                "/p/x" => Page::Ballot("x"),
                "/embed/x" => Page::Poll("x"),
                path if path.starts_with("/p/x/") => Page::Poll("x"),
                _ => Page::Other,
            };
            assert_eq!(Page::at(&route), expected, "{route}");
        }
    }
}
