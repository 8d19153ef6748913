use crate::{runtimes, up};
use backup::{Observer, Progress, Step};
use cli::{Host, HostError, InstallProgress, Interpreter, Place, UpOptions};
use server::{Config, offline};
use std::path::Path;

/// What only the program itself can do for its commands.
pub(crate) struct Program;

impl Host for Program {
    fn up(&self, options: UpOptions) -> Result<(), HostError> {
        up::run(&options).map_err(Into::into)
    }

    fn runtimes_list(&self, data: &Path) -> Result<Vec<Interpreter>, HostError> {
        Ok(runtimes::list(data))
    }

    fn runtimes_install(
        &self,
        data: &Path,
        wanted: &[String],
        progress: &dyn InstallProgress,
    ) -> Result<(), HostError> {
        runtimes::install(data, wanted, progress).map_err(Into::into)
    }

    fn backup(
        &self,
        place: &Place,
        to: &Path,
        observer: Observer<'_>,
    ) -> Result<Progress, HostError> {
        block_on(offline::backup(&config(place), to, observer))
    }

    fn restore(
        &self,
        from: &Path,
        place: &Place,
        observer: Observer<'_>,
    ) -> Result<Progress, HostError> {
        block_on(offline::restore(from, &config(place), observer))
    }

    fn check(&self, place: &Place, take: &dyn Fn(Step)) -> Result<(), HostError> {
        block_on(offline::check(&config(place), take))
    }

    fn copy(
        &self,
        from: &Place,
        to: &Place,
        observer: Observer<'_>,
    ) -> Result<Progress, HostError> {
        block_on(offline::copy(&config(from), &config(to), observer))
    }
}

fn config(place: &Place) -> Config {
    Config {
        data: place.data.clone(),
        store: place.store.clone(),
        blobs: place.blobs.clone(),
        blobs_endpoint: place.blob_access.endpoint.clone(),
        blobs_region: place.blob_access.region.clone(),
        blobs_access_key_id: place.blob_access.access_key_id.clone(),
        blobs_secret_access_key: place.blob_access.secret_access_key.clone(),
        master_key: place.master_key.clone(),
        ..Config::default()
    }
}

fn block_on<T>(future: impl Future<Output = Result<T, server::Error>>) -> Result<T, HostError> {
    Ok(tokio::runtime::Runtime::new()?.block_on(future)?)
}
