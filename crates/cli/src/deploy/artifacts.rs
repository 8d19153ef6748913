//! The local paths that a template names, and the places of their uploads.

use super::{build::esbuild, lines, source::Source};
use crate::error::Error;
use std::collections::BTreeMap;
use template::{
    Document, Map, Node, Position,
    packaging::{self, Artifact, ArtifactKind},
};

/// The bucket that stands for uploads to this installation.
const BUCKET: &str = "pileus-code";

/// What stands for the URL of a template that is not uploaded yet.
const TEMPLATE: &str = "https://s3.amazonaws.com/pileus-templates/key";

/// The local paths; those that cannot be brought to an installation are refused. What is not built,
/// because nothing is (`as_is`) or because it is one file, has no build method.
pub(super) fn find(
    source: &Source,
    overrides: &BTreeMap<String, String>,
    as_is: bool,
) -> Result<Vec<Artifact>, Error> {
    let all = packaging::artifacts(&source.document, overrides);
    let mut all = all.map_err(|error| source.error(&error))?;
    for artifact in &mut all {
        if as_is || source.folder().join(&artifact.location).is_file() {
            artifact.build_method = None;
        }
        let what = match artifact.kind {
            ArtifactKind::FunctionCode | ArtifactKind::LayerContent | ArtifactKind::Template => {
                continue;
            }
            ArtifactKind::Definition => "a definition in a file",
            ArtifactKind::Include => "AWS::Include of a file",
        };
        let (path, at) = (source.path.display(), artifact.at);
        let what = format!(
            "{path}:{}:{}: {what} ({}) is not supported",
            at.line, at.column, artifact.location
        );
        return Err(Error::new(what).next("put the text of the file into the template"));
    }
    Ok(all)
}

/// Puts the places of the uploads, in the order of the artifacts, into the template.
pub(super) fn replace(
    source: &mut Source,
    artifacts: &[Artifact],
    keys: &[String],
) -> Result<(), Error> {
    for (artifact, key) in artifacts.iter().zip(keys) {
        place(&mut source.document, artifact, key).map_err(|error| source.error(&error))?;
    }
    Ok(())
}

/// Puts the URL of a nested stack's template into the template.
pub(super) fn replace_template(
    source: &mut Source,
    artifact: &Artifact,
    url: &str,
) -> Result<(), Error> {
    packaging::replace_template(&mut source.document, artifact, url)
        .map_err(|error| source.error(&error))
}

/// The text for the server to check: the template as it will be once everything is uploaded. Values
/// of parameters that are given are their defaults in it.
pub(super) fn as_uploaded(
    source: &Source,
    artifacts: &[Artifact],
    overrides: &BTreeMap<String, String>,
) -> Result<String, Error> {
    uploaded(source, artifacts, |name, map, at| {
        if let Some(value) = overrides.get(name) {
            map.insert("Default".to_owned(), Node::text(at, value.as_str()));
        }
    })
}

/// The same of a template whose parameters' values only another knows.
pub(super) fn without_values(source: &Source, artifacts: &[Artifact]) -> Result<String, Error> {
    uploaded(source, artifacts, |_, parameter, _| {
        parameter.shift_remove("Default");
    })
}

fn uploaded(
    source: &Source,
    artifacts: &[Artifact],
    change: impl Fn(&str, &mut Map, Position),
) -> Result<String, Error> {
    let mut document =
        packaged(&source.document, artifacts).map_err(|error| source.error(&error))?;
    let parameters = document.root_mut().as_map_mut().and_then(|root| root.get_mut("Parameters"));
    let parameters = parameters.and_then(Node::as_map_mut).into_iter().flatten();
    for (name, parameter) in parameters {
        let at = parameter.at;
        if let Some(map) = parameter.as_map_mut() {
            change(name, map, at);
        }
    }
    Ok(lines::render(&document))
}

/// A copy of the template as it will be once everything is uploaded.
pub(super) fn packaged(document: &Document, artifacts: &[Artifact]) -> template::Result<Document> {
    let mut document = document.clone();
    for artifact in artifacts {
        match artifact.kind {
            ArtifactKind::Template => {
                packaging::replace_template(&mut document, artifact, TEMPLATE)?;
            }
            _ => place(&mut document, artifact, "key")?,
        }
    }
    Ok(document)
}

/// Puts the place of one upload into the template, with what its build changes.
fn place(document: &mut Document, artifact: &Artifact, key: &str) -> template::Result<()> {
    esbuild::adjust(document, artifact)?;
    packaging::replace(document, artifact, BUCKET, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_handler_of_what_is_not_bundled_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("code.zip"), "").unwrap();
        fs::create_dir(folder.path().join("code")).unwrap();
        for (location, as_is, handler) in [
            ("code", false, "app.handler"),
            ("code", true, "src/app.handler"),
            ("code.zip", false, "src/app.handler"),
        ] {
            let text = format!(
                "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildMethod: \
                 esbuild}}\n    Properties: {{Handler: src/app.handler, Runtime: nodejs22.x, CodeUri: \
                 {location}}}\n"
            );
            let document = Document::parse(&text).unwrap();
            let source = Source { path: folder.path().join("t.yaml"), document };
            let found = find(&source, &BTreeMap::new(), as_is).unwrap();
            let packaged = packaged(&source.document, &found).unwrap();
            let path = ["Resources", "F", "Properties", "Handler"];
            let said = packaged.root().at_path(&path).and_then(Node::scalar_text);
            assert_eq!(said.as_deref(), Some(handler), "{location} {as_is}");
        }
    }
}
