//! The rules that an account's fields must keep.

use pollster_shared::accounts::key;
use pollster_shared::mail::EmailAddress;
use pollster_shared::poll::FieldError;

use super::password::Password;

/// The longest path that SMTP carries, without its brackets (RFC 5321, section 4.5.3.1.3).
const MAX_EMAIL: usize = 254;
const MIN_USERNAME: usize = 3;
const MAX_USERNAME: usize = 32;
const MIN_PASSWORD: usize = 10;
const MAX_PASSWORD: usize = 200;

/// What is wrong with an e-mail address, if anything.
pub(super) fn check_email(email: &str) -> Option<FieldError> {
    let is_address = email.parse::<EmailAddress>().is_ok();
    let detail = if email.chars().count() > MAX_EMAIL {
        format!("must be at most {MAX_EMAIL} characters")
    } else if !is_address || email.chars().any(char::is_control) {
        "must be an e-mail address".to_owned()
    } else {
        return None;
    };
    Some(FieldError::new("email", detail))
}

/// What is wrong with a username, if anything. Its characters can end no line, header or tag.
pub(super) fn check_username(username: &str) -> Option<FieldError> {
    let allowed = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    let length = username.chars().count();
    if (MIN_USERNAME..=MAX_USERNAME).contains(&length) && username.chars().all(allowed) {
        return None;
    }
    let detail = format!("must be {MIN_USERNAME} to {MAX_USERNAME} letters, digits, `_`, `-` or `.`");
    Some(FieldError::new("username", detail))
}

/// What is wrong with a new password, if anything. `others` are the fields that it must not repeat.
pub(super) fn check_password(password: &Password, others: &[&str]) -> Option<FieldError> {
    let text = password.as_str();
    let detail = if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&text.chars().count()) {
        format!("must be {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    } else if others.iter().any(|other| key(other) == key(text)) {
        "must be neither the e-mail address nor the username".to_owned()
    } else {
        return None;
    };
    Some(FieldError::new("password", detail))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(text: &str, others: &[&str]) -> bool {
        check_password(&Password::from(text.to_owned()), others).is_none()
    }

    #[test]
    fn an_email_address_is_one_and_not_too_long() {
        let fitting =
            format!("{}@{}.{}.{}.org", "l".repeat(64), "d".repeat(63), "d".repeat(63), "d".repeat(57));
        assert_eq!((fitting.len(), check_email(&fitting)), (254, None));
        for good in [
            "ann@example.org",
            "Ann.O'Neil+polls@EXAMPLE.org",
            "\"a; b\"@example.org",
            "jörg@münchen.example",
        ] {
            assert_eq!(check_email(good), None, "{good}");
        }
        let injected = "ann@example.org\r\nBcc: all@example.org";
        let too_long = fitting.replace(".org", "s.org");
        for bad in
            ["", "ann", "ann@", "@example.org", "a b@example.org", injected, "a\0@example.org", &too_long]
        {
            assert_eq!(check_email(bad).map(|error| error.field), Some("email".to_owned()), "{bad:?}");
        }
    }

    #[test]
    fn a_username_has_3_to_32_letters_digits_and_signs() {
        for good in ["ann", "Ann_O-Neil.7", "jörg", "Ελένη", &"x".repeat(32)] {
            assert_eq!(check_username(good), None, "{good}");
        }
        let bad = [
            "",
            "an",
            &"x".repeat(33),
            "a b",
            "ann\r\nBcc: x",
            "<b>ann",
            "ann\0",
            "ann'--",
            "ann@x",
            "{{link}}",
        ];
        for bad in bad {
            assert_eq!(check_username(bad).map(|error| error.field), Some("username".to_owned()), "{bad:?}");
        }
    }

    #[test]
    fn a_password_has_10_to_200_characters_and_repeats_no_other_field() {
        assert!(
            password("0123456789", &[]) && password(&"ü".repeat(200), &[]) && password("with \0 in it", &[])
        );
        assert!(!password("012345678", &[]) && !password(&"x".repeat(201), &[]));
        assert!(!password("Ann@Example.org", &["ann@example.org", "ann"]));
        assert!(!password("annannannann", &["ann@example.org", "AnnAnnAnnAnn"]));
    }

    #[test]
    fn a_password_does_not_print() {
        assert_eq!(format!("{:?}", Password::from("hunter2".to_owned())), "Password(…)");
    }

    proptest! {
        #[test]
        fn what_is_taken_ends_no_header_and_fits_its_column(
            text in prop_oneof![
                "\\PC{0,40}",
                "[a-z\r\n\0]{3,12}",
                "[a-z]{1,8}[ -~\r\n\0\u{80}-\u{ff}]{0,3}@[a-z]{1,8}(\\.[a-z]{1,3}){0,2}",
                any::<String>(),
            ],
        ) {
            let is_sound = !text.contains(|character: char| character.is_control());
            let length = text.chars().count();
            let fits_email = is_sound && text.contains('@') && length <= MAX_EMAIL;
            prop_assert!(check_email(&text).is_some() || fits_email);
            let fits_username = is_sound && (MIN_USERNAME..=MAX_USERNAME).contains(&length);
            prop_assert!(check_username(&text).is_some() || fits_username);
            prop_assert_eq!(password(&text, &[]), (MIN_PASSWORD..=MAX_PASSWORD).contains(&length));
            prop_assert!(!password(&text, &[&text]));
        }
    }
}
