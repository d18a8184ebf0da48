//! Builds the gateway anew when the web app, which is embedded in it, was; says so where there is none.

use std::path::Path;

fn main() {
    if Path::new("web/dist/index.html").is_file() {
        println!("cargo:rerun-if-changed=web/dist");
        return;
    }
    // One that is missing would count as changed, build after build; so what it will be made in is watched.
    println!("cargo:rerun-if-changed=web");
    println!(
        "cargo:warning=the web app is not built: this gateway serves the API alone; `make web` builds it"
    );
}
