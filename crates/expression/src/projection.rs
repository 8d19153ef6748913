//! Projections: which parts of an item a read returns.

use crate::{
    Bindings,
    error::{Error, Kind, Problem},
    operand::{bind_path, check_reserved},
    parser,
    path::{Path, Tree, check_disjoint},
    value::Item,
};

/// A `ProjectionExpression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    paths: Vec<Path>,
    tree: Tree,
}

impl Projection {
    /// Parses and checks a projection with the names of its request.
    ///
    /// # Errors
    /// [`Error::Expression`].
    pub fn parse(text: &str, bindings: &mut Bindings) -> Result<Self, Error> {
        let paths = parse(text, bindings).map_err(|problem| problem.of(Kind::Projection))?;
        Ok(Self { tree: Tree::new(&paths), paths })
    }

    /// The parts of the item that the projection names, each where it was; the members of a list
    /// close up, in the order of the list. What is not there is left out.
    #[must_use]
    pub fn apply(&self, item: &Item) -> Item {
        self.tree.apply(item)
    }

    /// The paths of the projection, in written order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter()
    }
}

fn parse(text: &str, bindings: &mut Bindings) -> Result<Vec<Path>, Problem> {
    let raw = parser::projection(text)?;
    raw.iter().try_for_each(check_reserved)?;
    let paths: Vec<_> =
        raw.iter().map(|path| bind_path(path, bindings)).collect::<Result<_, _>>()?;
    check_disjoint(&paths.iter().collect::<Vec<_>>())?;
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bindings, item};
    use proptest::prelude::*;
    use serde_json::json;

    fn project(text: &str, names: serde_json::Value) -> Result<Projection, String> {
        Projection::parse(text, &mut bindings(names, json!(null))).map_err(|e| e.to_string())
    }

    #[test]
    fn a_projection_cuts_its_paths_out_of_an_item() {
        let whole = item(json!({
            "d": {"S": "d"},
            "e": {"M": {"a": {"S": "a"}, "d": {"S": "ed"}, "x": {"S": "x"}}},
            "f": {"L": [{"S": "f0"}, {"S": "f1"}, {"M": {"y": {"S": "f2y"}, "z": {"S": "f2z"}}}]},
        }));
        for (text, expected) in [
            ("d", json!({"d": {"S": "d"}})),
            ("nope, d.a, e[0], f[9]", json!({})),
            (
                "f[2].y, f[0], e.d, e.#a, d",
                json!({
                    "d": {"S": "d"},
                    "e": {"M": {"a": {"S": "a"}, "d": {"S": "ed"}}},
                    "f": {"L": [{"S": "f0"}, {"M": {"y": {"S": "f2y"}}}]},
                }),
            ),
        ] {
            let projection = project(text, json!({"#a": "a"})).unwrap();
            assert_eq!(projection.apply(&whole), item(expected), "{text}");
        }
        assert_eq!(project("a.b, c", json!(null)).unwrap().paths().count(), 2);
    }

    #[test]
    fn a_wrong_projection_is_refused_with_the_official_text() {
        for (text, problem) in [
            ("", "The expression can not be empty;".to_owned()),
            ("!!!", "Syntax error; token: \"!\", near: \"!!\"".to_owned()),
            ("a,", "Syntax error; token: \"<EOF>\", near: \",\"".to_owned()),
            ("a[b]", "Syntax error; token: \"b\", near: \"[b]\"".to_owned()),
            ("a, Absolute", "Attribute name is a reserved keyword; reserved keyword: Absolute".to_owned()),
            ("#x", "An expression attribute name used in the document path is not defined; attribute name: #x".to_owned()),
            ("b, a.b, #a", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]".to_owned()),
            ("a[1], a.b", "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [1]], path two: [a, b]".to_owned()),
            ("a[2147483648]", "List index is not within the allowable range; index: [2147483648]".to_owned()),
            (&"x".repeat(4097), "Expression size has exceeded the maximum allowed size; expression size: 4097".to_owned()),
            (&format!("a{}", ".b".repeat(32)), "The document path has too many nesting elements; nesting levels: 33".to_owned()),
        ] {
            let error = project(text, json!({"#a": "a"})).unwrap_err();
            assert_eq!(error, format!("Invalid ProjectionExpression: {problem}"), "{text}");
        }
        assert!(project(&"x".repeat(4096), json!(null)).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in r"([a-c]|#a|\.|\[|\]|0|9{9}|,| |é|_){0,30}") {
            let _ = project(&text, json!({"#a": "a"}));
        }
    }
}
