//! esbuild: code in TypeScript or JavaScript, bundled with its dependencies, as `sam build` does it.
//! See AWS's "Building Node.js Lambda functions with esbuild in AWS SAM".

use super::{Work, node, tool};
use crate::{deploy::tree, error::Error};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use template::{
    Document, Node,
    packaging::{self, Artifact},
};

const METHOD: &str = "esbuild";
/// What is the build's own: a bundle for Node. Nothing else can be asked for.
const FIXED: [(&str, &str); 2] = [("Bundle", "true"), ("Platform", "node")];
/// What is no option of esbuild's here: the result lies in a folder of the build's own.
const OWN: [&str; 3] = ["EntryPoints", "UseNpmCi", "Outdir"];
/// What holds unless the template says otherwise.
const DEFAULTS: [(&str, &str); 3] =
    [("Target", "--target=es2020"), ("Format", "--format=cjs"), ("Minify", "--minify")];
/// Where stack traces are told in terms of the source.
const SOURCE_MAPS: &str = "--enable-source-maps";

/// Bundles a copy of the folder.
pub(super) fn build(work: &Work<'_>) -> Result<(), Error> {
    let id = &work.artifact.logical_id;
    let scratch = work.target.with_extension("scratch");
    tree::empty_folder(&scratch)?;
    tree::copy(&work.files, &scratch)?;
    if scratch.join(node::MANIFEST).is_file() {
        // With those for development: esbuild is usually one of them.
        node::install(work, &scratch, &[])?;
    }
    let result =
        fs::canonicalize(&work.target).map_err(|error| Error::file(&work.target, &error))?;
    let own = scratch.join("node_modules/.bin/esbuild");
    let own = fs::canonicalize(&own).ok();
    let mut esbuild = Command::new(own.unwrap_or_else(|| PathBuf::from(METHOD)));
    esbuild.current_dir(&scratch).args(["--bundle", "--platform=node", "--log-level=warning"]);
    esbuild.arg(format!("--outdir={}", result.display()));
    esbuild.args(options(work.artifact)?);
    for entry in entry_points(work.artifact)? {
        esbuild.arg(source(work.artifact, &scratch, &entry)?);
    }
    let missing =
        "npm install --save-dev esbuild (beside the code), or npm install --global esbuild";
    tool::run(&mut esbuild, id, missing)?;
    fs::remove_dir_all(&scratch).map_err(|error| Error::file(&scratch, &error))
}

/// Where the bundle of a handler is not where its source was, the handler is in the root; and source
/// maps are of use only if Node is told to read them.
pub(in crate::deploy) fn adjust(
    document: &mut Document,
    artifact: &Artifact,
) -> template::Result<()> {
    if artifact.build_method.as_deref() != Some(METHOD) {
        return Ok(());
    }
    if let Some(handler) = moved_handler(artifact) {
        packaging::set(document, artifact, &["Handler"], &handler)?;
    }
    if artifact.build_properties["Sourcemap"] != Value::Bool(true) {
        return Ok(());
    }
    let computed = |node: &Node| {
        let what = "NODE_OPTIONS must be a text here, to which BuildProperties.Sourcemap adds";
        template::Error::invalid(node.at, format!("{what} {SOURCE_MAPS}"))
    };
    let options = artifact.node_options.as_ref();
    let options = options.map(|node| node.scalar_text().ok_or_else(|| computed(node)));
    let options = options.transpose()?.unwrap_or_default();
    if !options.split(' ').any(|option| option == SOURCE_MAPS) {
        let options = format!("{options} {SOURCE_MAPS}");
        let path = ["Environment", "Variables", "NODE_OPTIONS"];
        packaging::set(document, artifact, &path, options.trim_start())?;
    }
    Ok(())
}

/// The handler as it is after bundling, if that is another.
fn moved_handler(artifact: &Artifact) -> Option<String> {
    let handler = artifact.handler.as_deref()?;
    let (folder, name) = handler.rsplit_once('/')?;
    let path = Path::new(folder).join(name.split('.').next()?);
    let entries = entry_points(artifact).ok()?;
    let stems: Vec<PathBuf> =
        entries.iter().map(|entry| clean(Path::new(entry)).with_extension("")).collect();
    // esbuild keeps the folders below the lowest one that all entry points share.
    let mut shared: Option<PathBuf> = None;
    for stem in &stems {
        let parent = stem.parent().unwrap_or(Path::new("")).to_owned();
        shared = Some(match shared {
            None => parent,
            Some(shared) => {
                let both = shared.iter().zip(parent.iter()).take_while(|(one, other)| one == other);
                both.map(|(one, _)| one).collect()
            }
        });
    }
    let shared = shared?;
    let is_there = stems.iter().any(|stem| stem.strip_prefix(&shared) == Ok(&clean(&path)));
    (!is_there && !folder.starts_with('/')).then(|| name.to_owned())
}

/// Without `./`.
fn clean(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
}

/// What is bundled: what the template says, else the file of the handler.
fn entry_points(artifact: &Artifact) -> Result<Vec<String>, Error> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let wanted = match &artifact.build_properties["EntryPoints"] {
        Value::Null => {
            artifact.handler.as_ref().map(|handler| vec![handler_file(handler).to_owned()])
        }
        Value::Array(entries) => entries.iter().map(text).collect(),
        _ => None,
    };
    wanted
        .filter(|entries| !entries.is_empty())
        .ok_or_else(|| refused(artifact, "EntryPoints must name the files to bundle, in a list"))
}

fn handler_file(handler: &str) -> &str {
    let name = handler.rfind('/').map_or(0, |slash| slash + 1);
    handler[name..].find('.').map_or(handler, |dot| &handler[..name + dot])
}

/// The file of an entry point, whose extension may be left out.
fn source(artifact: &Artifact, folder: &Path, entry: &str) -> Result<String, Error> {
    ["", ".ts", ".js"]
        .map(|extension| format!("{entry}{extension}"))
        .into_iter()
        .find(|name| folder.join(name).is_file())
        .ok_or_else(|| refused(artifact, &format!("the entry point {entry} does not exist")))
}

/// The options of esbuild that `Metadata.BuildProperties` names. esbuild itself refuses those that it
/// does not know.
fn options(artifact: &Artifact) -> Result<Vec<String>, Error> {
    let none = serde_json::Map::new();
    let properties = artifact.build_properties.as_object().unwrap_or(&none);
    let mut options = Vec::new();
    for (name, value) in properties {
        if let Some((_, only)) = FIXED.iter().find(|(fixed, _)| fixed == name) {
            let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if said != *only {
                return Err(refused(artifact, &format!("{name} can be {only} only, not {said}")));
            }
            continue;
        }
        if OWN.contains(&name.as_str()) {
            continue;
        }
        let option = format!("--{}", kebab(name));
        match value {
            Value::Bool(true) => options.push(option),
            Value::Bool(false) => {}
            Value::String(text) => options.push(format!("{option}={text}")),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let items = items.iter().filter_map(Value::as_str);
                options.extend(items.map(|item| format!("{option}:{item}")));
            }
            _ => {
                let what = format!("{name} must be a text, true, false or a list of texts");
                return Err(refused(artifact, &what));
            }
        }
    }
    let unsaid = DEFAULTS.into_iter().filter(|(name, _)| !properties.contains_key(*name));
    options.extend(unsaid.map(|(_, option)| option.to_owned()));
    Ok(options)
}

/// `MainFields` as `main-fields`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn refused(artifact: &Artifact, what: &str) -> Error {
    let (id, at) = (&artifact.logical_id, artifact.at);
    Error::new(format!("{id}: Metadata.BuildProperties: {what} ({at})"))
        .next("correct the metadata of the resource")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn text(metadata: &str, handler: &str) -> String {
        format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildMethod: \
             esbuild, BuildProperties: {{{metadata}}}}}\n    Properties: {{Handler: {handler}, Runtime: \
             nodejs22.x, CodeUri: src}}\n"
        )
    }

    fn artifact(metadata: &str, handler: &str) -> (Document, Artifact) {
        read(&text(metadata, handler))
    }

    fn read(text: &str) -> (Document, Artifact) {
        let document = Document::parse(text).unwrap();
        let artifact = packaging::artifacts(&document, &BTreeMap::new()).unwrap().remove(0);
        (document, artifact)
    }

    #[test]
    fn options_of_node_that_are_computed_are_refused_where_source_maps_add_to_them() {
        let own = "NODE_OPTIONS: !Sub '--require ${A}'";
        for (variables, is_right) in [
            ("{Variables: {NODE_OPTIONS: --no-warnings}}".to_owned(), true),
            (format!("{{Variables: {{{own}}}}}"), false),
            (format!("{{Variables: !If [A, {{{own}}}, {{B: b}}]}}"), false),
        ] {
            let globals = format!("Globals: {{Function: {{Environment: {variables}}}}}\n");
            let inside = format!("Environment: {variables}, Runtime");
            for (before, runtime) in [(globals.as_str(), "Runtime"), ("", inside.as_str())] {
                let text = before.to_owned() + &text("Sourcemap: true", "app.h");
                let (mut document, artifact) = read(&text.replace("Runtime", runtime));
                let result = adjust(&mut document, &artifact);
                assert_eq!(result.is_ok(), is_right, "{text}");
            }
        }
    }

    fn adjusted(metadata: &str, handler: &str) -> (String, Option<String>) {
        let (mut document, artifact) = artifact(metadata, handler);
        adjust(&mut document, &artifact).unwrap();
        let properties = document.root().at_path(&["Resources", "F", "Properties"]).unwrap();
        let text = |path: &[&str]| properties.at_path(path).and_then(template::Node::scalar_text);
        let options = text(&["Environment", "Variables", "NODE_OPTIONS"]);
        (text(&["Handler"]).unwrap(), options)
    }

    #[test]
    fn the_handler_is_where_the_bundle_is() {
        assert_eq!(adjusted("", "app.handler").0, "app.handler");
        assert_eq!(adjusted("", "src/app.handler").0, "app.handler");
        assert_eq!(adjusted("EntryPoints: [src/a.ts]", "src/a.handler").0, "a.handler");
        assert_eq!(adjusted("EntryPoints: [a/x.ts, b/y.ts]", "b/y.handler").0, "b/y.handler");
        assert_eq!(adjusted("EntryPoints: [./s/a/x.ts, s/b/y.ts]", "b/y.h").0, "b/y.h");
        assert_eq!(adjusted("EntryPoints: [s/a/x.ts, s/b/y.ts]", "s/b/y.h").0, "y.h");
        assert_eq!(adjusted("", "/opt/nodejs/wrapper.handler").0, "/opt/nodejs/wrapper.handler");
    }

    #[test]
    fn node_is_told_of_source_maps() {
        assert_eq!(adjusted("Sourcemap: true", "app.h").1.as_deref(), Some(SOURCE_MAPS));
        assert_eq!(adjusted("Sourcemap: false", "app.h").1, None);
    }

    #[test]
    fn options_are_those_of_the_template_and_the_defaults() {
        let of = |metadata: &str| options(&artifact(metadata, "app.h").1).unwrap().join(" ");
        assert_eq!(of(""), "--target=es2020 --format=cjs --minify");
        assert_eq!(
            of("Minify: false, Target: es2022, Format: esm, MainFields: 'module,main', \
                External: [a, b], OutExtension: [.js=.mjs], UseNpmCi: true, Outdir: x"),
            "--external:a --external:b --format=esm --main-fields=module,main \
             --out-extension:.js=.mjs --target=es2022"
        );
        assert!(options(&artifact("Target: {a: b}", "app.h").1).is_err());
        assert_eq!(of("Bundle: true, Platform: node"), of(""));
        for other in ["Bundle: false", "Platform: browser"] {
            let error = options(&artifact(other, "app.h").1).unwrap_err().to_string();
            assert!(error.contains(" can be "), "{error}");
        }
    }
}
