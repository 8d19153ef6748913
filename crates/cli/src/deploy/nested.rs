//! A template with those of its nested stacks, which it names as files.

use super::{
    artifacts,
    build::{Builder, Options},
    lines,
    source::Source,
    upload,
};
use crate::{error::Error, session::Session};
use client::Client;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use template::packaging::{Artifact, ArtifactKind};

/// How deep templates may be nested in one another: one that names itself has no end.
const DEPTH: usize = 8;

/// A template and all that it names on the disk.
pub(super) struct Tree {
    pub(super) source: Source,
    /// The local paths in it.
    pub(super) artifacts: Vec<Artifact>,
    /// What is at those that are templates.
    nested: Vec<(Artifact, Tree)>,
}

/// With what to build and upload.
pub(super) struct Place<'a> {
    pub(super) client: &'a Client,
    pub(super) session: &'a Session,
    /// How to build; the folders in it are those of the template at the top.
    pub(super) options: Options,
}

impl Tree {
    /// Reads what a template names. Its parameters' values are known; nested stacks are given theirs
    /// by it. Nothing of what is taken `as_is` is built.
    pub(super) fn read(
        source: Source,
        overrides: &BTreeMap<String, String>,
        region: &str,
        as_is: bool,
    ) -> Result<Self, Error> {
        Self::at(source, overrides, region, as_is, 0)
    }

    fn at(
        mut source: Source,
        overrides: &BTreeMap<String, String>,
        region: &str,
        as_is: bool,
        depth: usize,
    ) -> Result<Self, Error> {
        source.include(overrides, region)?;
        let artifacts = artifacts::find(&source, overrides, as_is)?;
        let mut nested = Vec::new();
        for artifact in artifacts.iter().filter(|one| one.kind == ArtifactKind::Template) {
            if depth == DEPTH {
                let path = source.path.display();
                let what = format!("{path}: templates are nested more than {DEPTH} deep");
                return Err(Error::new(what).next("name no template in itself"));
            }
            let child = Source::read(Some(&source.folder().join(&artifact.location)))?;
            let child = Self::at(child, &BTreeMap::new(), region, as_is, depth + 1)?;
            nested.push((artifact.clone(), child));
        }
        Ok(Self { source, artifacts, nested })
    }

    /// The templates of nested stacks as the server is to check them, each behind those that it names
    /// itself. The values of their parameters are the parent's to give: those written as defaults
    /// need not be right.
    pub(super) fn nested_as_uploaded(&self) -> Result<Vec<(&Source, String)>, Error> {
        let mut all = Vec::new();
        for (_, child) in &self.nested {
            all.extend(child.nested_as_uploaded()?);
            let body = artifacts::without_values(&child.source, &child.artifacts)?;
            all.push((&child.source, body));
        }
        Ok(all)
    }

    /// Builds and uploads everything, and puts the places of the uploads into the template.
    /// `done` are the packages that functions have already, and grows by these.
    pub(super) fn bring(
        &mut self,
        place: &Place<'_>,
        done: &mut BTreeSet<String>,
    ) -> Result<(), Error> {
        self.bring_into(place, &place.options.folder, done)
    }

    fn bring_into(
        &mut self,
        place: &Place<'_>,
        folder: &Path,
        done: &mut BTreeSet<String>,
    ) -> Result<(), Error> {
        let is_code = |artifact: &&Artifact| artifact.kind != ArtifactKind::Template;
        let code: Vec<Artifact> = self.artifacts.iter().filter(is_code).cloned().collect();
        let options = &place.options;
        let mut builder = Builder::new(Options {
            base: self.source.folder(),
            folder: folder.to_owned(),
            interpreters: options.interpreters.clone(),
            entries: options.entries.clone(),
            ..*options
        });
        let packages = builder.packages(&code)?;
        let keys = place.session.block_on(upload::all(place.client, &packages, done))?;
        artifacts::replace(&mut self.source, &code, &keys)?;
        for (artifact, child) in &mut self.nested {
            child.bring_into(place, &folder.join(&artifact.logical_id), done)?;
            let text = lines::render(&child.source.document);
            let url = place.session.block_on(upload::template(place.client, text))?;
            artifacts::replace_template(&mut self.source, artifact, &url)?;
        }
        Ok(())
    }
}
