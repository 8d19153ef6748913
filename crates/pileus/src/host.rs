use crate::{runtimes, up};
use cli::{Host, HostError, InstallProgress, Interpreter, UpOptions};
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
}
