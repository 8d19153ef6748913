//! Which files a sandbox's processes may use, and whom of their own user they may reach: a second
//! fence behind the mounts and the namespaces, which holds even if one of those has a hole.

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, make_bitflags,
};

use crate::parts::Part;
use crate::protocol::{During, Failure};

/// The first version (Linux 5.19) under which files can be moved between directories.
const NEEDED: ABI = ABI::V2;
/// The newest version that is known here (Linux 6.12): what the kernel knows of it is used.
const KNOWN: ABI = ABI::V6;

/// Confines this process and all that follow. They must have no way to new privileges by now.
pub(super) fn confine() -> Result<(), Failure> {
    let step = "confine the use of files";
    let read = AccessFs::from_read(KNOWN);
    // No device is made anywhere.
    let in_tmp = AccessFs::from_all(KNOWN) & !make_bitflags!(AccessFs::{MakeChar | MakeBlock});
    let devices = make_bitflags!(AccessFs::{ReadFile | ReadDir | WriteFile | Truncate | IoctlDev});
    let mut rules = rules().during(Part::FileRules, step)?;
    for (path, access) in [("/", read), ("/tmp", in_tmp), ("/dev", devices)] {
        let below = PathFd::new(path).during(Part::FileRules, format!("open {path}"))?;
        let rule = PathBeneath::new(below, access);
        rules = rules.add_rule(rule).during(Part::FileRules, step)?;
    }
    rules.restrict_self().map(drop).during(Part::FileRules, step)
}

fn rules() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()
}
