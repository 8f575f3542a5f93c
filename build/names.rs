//! Names as the generator writes them: the rules of typify's and progenitor's `sanitize`.

use heck::{ToPascalCase, ToSnakeCase};

/// A type's or a variant's name.
pub fn pascal(name: &str) -> String {
    identifier(plain(name).to_pascal_case(), 'X')
}

/// A member's, a parameter's or a function's name.
pub fn snake(name: &str) -> String {
    identifier(plain(name).to_snake_case(), 'x')
}

fn plain(name: &str) -> String {
    name.replace('\'', "").replace(|c| c != '_' && !is_of_names(c), "-")
}

/// Rust's own rule, by which `²` is in no name although it is a number.
fn is_of_names(c: char) -> bool {
    let by_rust = |c| syn::parse_str::<syn::Ident>(&format!("x{c}")).is_ok();
    c.is_alphanumeric() && (c.is_ascii() || by_rust(c))
}

fn identifier(mut name: String, prefix: char) -> String {
    if !name.starts_with(char::is_alphabetic) {
        name.insert(0, prefix);
    }
    if !typify::accept_as_ident(&name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{pascal, snake};

    #[test]
    fn names_are_rust_names() {
        let names = [
            ("NOTIFICATION_SENT", "NotificationSent", "notification_sent"),
            ("notification-sent", "NotificationSent", "notification_sent"),
            ("getDocument", "GetDocument", "get_document"),
            ("type", "Type", "type_"),
            ("self", "Self_", "self_"),
            ("3D view", "X3dView", "x3d_view"),
            ("", "X", "x"),
            ("m² Ä", "MÄ", "m_ä"),
        ];
        for (name, as_pascal, as_snake) in names {
            assert_eq!((pascal(name).as_str(), snake(name).as_str()), (as_pascal, as_snake), "{name}");
        }
    }
}
