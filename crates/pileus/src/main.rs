//! The `pileus` binary.

fn main() -> anyhow::Result<()> {
    Ok(())
}
