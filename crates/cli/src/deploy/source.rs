//! The template on the disk.

use crate::{error::Error, output};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};
use template::{
    Document,
    transform::{self, Includes, Inputs},
};

/// What a template is called if nobody says so, as SAM has it.
const NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];
/// The longest name of a stack.
const NAME_CHARS: usize = 128;

/// A template that was read from a file.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) document: Document,
}

/// The files that a template may include, relative to its folder.
struct Files(PathBuf);

impl Includes for Files {
    fn fetch(&self, location: &str) -> template::Result<String> {
        if location.contains("://") {
            let text = format!("AWS::Include of {location} is not supported; name a local file");
            return Err(template::Error::value(text));
        }
        let path = self.0.join(location);
        let failed = |error| template::Error::value(format!("{}: {error}", path.display()));
        fs::read_to_string(&path).map_err(failed)
    }
}

/// The folder of a template, which need not be right or even there.
pub(super) fn folder(path: Option<&Path>) -> PathBuf {
    let folder = match path {
        None => return PathBuf::from("."),
        Some(path) if path.is_dir() => path,
        Some(path) => path.parent().unwrap_or(Path::new("")),
    };
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

impl Source {
    /// Reads the template that is named, or the one that lies here.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Error> {
        let path = match path {
            None => default_path(Path::new(""))?,
            Some(path) if path.is_dir() => default_path(path)?,
            Some(path) => path.to_owned(),
        };
        let text = fs::read_to_string(&path).map_err(|error| Error::file(&path, &error))?;
        let document = Document::parse(&text).map_err(|error| located(&path, &error))?;
        Ok(Self { path, document })
    }

    /// Puts the local files that `AWS::Include` names into the template.
    pub(super) fn include(
        &mut self,
        overrides: &BTreeMap<String, String>,
        region: &str,
    ) -> Result<(), Error> {
        let files = Files(self.folder());
        let inputs = Inputs { parameters: overrides, region, includes: Some(&files) };
        transform::include_all(&mut self.document, &inputs).map_err(|error| self.error(&error))
    }

    /// Prints what is not wrong but may not be meant.
    pub(super) fn print_warnings(&self) {
        for warning in self.document.warnings() {
            let path = self.path.display();
            output::note(&format!("{} {path}: {warning}", output::attention("warning:")));
        }
    }

    /// The folder that its paths are relative to.
    pub(super) fn folder(&self) -> PathBuf {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
    }

    /// An error about this template, with its place.
    pub(super) fn error(&self, error: &template::Error) -> Error {
        located(&self.path, error)
    }

    /// The names of its parameters.
    pub(super) fn parameter_names(&self) -> BTreeSet<String> {
        let parameters = self.document.section_map("Parameters").unwrap_or_default();
        parameters.into_iter().map(|(name, _)| name).collect()
    }

    /// Refuses what the server would refuse after everything was built: parameters without a value.
    pub(super) fn need_values(&self, has_value: impl Fn(&str) -> bool) -> Result<(), Error> {
        let parameters = self.document.section_map("Parameters").unwrap_or_default();
        let missing: Vec<_> = parameters
            .iter()
            .filter(|(name, node)| node.get("Default").is_none() && !has_value(name))
            .map(|(name, _)| name.as_str())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (path, names) = (self.path.display(), missing.join(", "));
        let how = missing.iter().map(|name| format!(" {name}=...")).collect::<String>();
        Err(Error::new(format!("{path}: Parameters: [{names}] must have values"))
            .next(format!("give them with --parameter-overrides{how}")))
    }

    /// The name of the folder, as far as the name of a stack may have it.
    pub(super) fn default_stack_name(&self) -> Result<String, Error> {
        let folder = self.folder();
        let folder = fs::canonicalize(&folder).map_err(|error| Error::file(&folder, &error))?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        stack_name(&name.unwrap_or_default()).ok_or_else(|| {
            Error::new(format!("{} gives no name for the stack", folder.display()))
                .next("name it with --stack-name")
        })
    }
}

fn located(path: &Path, error: &template::Error) -> Error {
    let place = error.at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
    Error::new(format!("{}{place}: {}", path.display(), error.message))
}

fn default_path(folder: &Path) -> Result<PathBuf, Error> {
    let found = NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let here = env::current_dir().unwrap_or_default().join(folder);
        Error::new(format!("there is no {} in {}", NAMES.join(", "), here.display()))
            .next("name the template: pileus deploy path/to/template.yaml")
    })
}

fn stack_name(folder: &str) -> Option<String> {
    let words = folder.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let name: String = name.chars().take(NAME_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

/// `NAME=VALUE`, or SAM's longer `ParameterKey=NAME,ParameterValue=VALUE`.
pub(super) fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let long = text.strip_prefix("ParameterKey=").and_then(|t| t.split_once(",ParameterValue="));
    let pair = long.or_else(|| text.split_once('=')).filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| "write it as NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_file_is_included_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("more.yaml"), "B: {Type: AWS::SQS::Queue}").unwrap();
        let read = |location: &str| {
            let text = format!(
                "Resources:\n  Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}\n"
            );
            let document = Document::parse(&text).unwrap();
            let mut source = Source { path: folder.path().join("t.yaml"), document };
            source.include(&BTreeMap::new(), "eu-1").map(|()| source.document.to_json_text())
        };
        assert!(read("more.yaml").unwrap().contains(r#""B":{"Type":"AWS::SQS::Queue"}"#));
        for (location, text) in
            [("gone.yaml", "gone.yaml: No such file"), ("s3://b/k", "name a local file")]
        {
            let error = read(location).unwrap_err().to_string();
            assert!(error.contains(":2:3: ") && error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_stack_is_named_after_its_folder_as_far_as_it_may() {
        assert_eq!(stack_name("my_app.v2").as_deref(), Some("my-app-v2"));
        assert_eq!(stack_name("2-tier").as_deref(), Some("tier"));
        assert_eq!(stack_name("{{x}}").as_deref(), Some("x"));
        assert_eq!(stack_name("123"), None);
    }

    #[test]
    fn parameters_are_written_in_two_ways() {
        let pair = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
        assert_eq!(parse_parameter("A=b=c"), pair("A", "b=c"));
        assert_eq!(parse_parameter("ParameterKey=A,ParameterValue=b,c"), pair("A", "b,c"));
        assert!(parse_parameter("=b").is_err() && parse_parameter("A").is_err());
    }

    #[test]
    fn parameters_without_a_value_are_refused_before_anything_is_built() {
        let text = "Parameters:\n  A: {Type: String}\n  B: {Type: String, Default: b}\n  C: {Type: String}\n  D: {Type: String}\n";
        let document = Document::parse(text).unwrap();
        let source = Source { path: "t.yaml".into(), document };
        let error = source.need_values(|name| name == "D").unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.yaml: Parameters: [A, C] must have values \
             (next: give them with --parameter-overrides A=... C=...)"
        );
        assert!(source.need_values(|name| name != "B").is_ok());
    }

    #[test]
    fn an_error_in_a_template_names_the_file_and_the_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("template.yml"), "A: 1\nB: [\n").unwrap();
        let error = Source::read(Some(folder.path())).err().unwrap().to_string();
        assert!(error.contains("template.yml:"), "{error}");
    }

    #[test]
    fn a_folder_without_a_template_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = Source::read(Some(folder.path())).err().unwrap().to_string();
        assert!(error.contains("template.yaml"), "{error}");
    }
}
