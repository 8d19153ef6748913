//! Provisioned throughput and the limits of all of it.

use super::table::{Billing, Table, list};
use crate::{Error, config};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::Context;
use std::time::Duration;
use types::Timestamp;

/// How a table is paid for, as requests say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BillingMode {
    Provisioned,
    PayPerRequest,
}

/// The capacity units of a table, and when they changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) read: u64,
    pub(crate) write: u64,
    pub(crate) increased: Option<Timestamp>,
    pub(crate) decreased: Option<Timestamp>,
    /// Decreases on the day (UTC) of the last one.
    pub(crate) decreases: u32,
}

impl Throughput {
    pub(crate) fn new(read: u64, write: u64) -> Self {
        Self { read, write, increased: None, decreased: None, decreases: 0 }
    }

    /// The same with other units.
    pub(crate) fn changed(self, read: u64, write: u64, now: Timestamp) -> Self {
        let mut changed = Self { read, write, ..self };
        if read > self.read || write > self.write {
            changed.increased = Some(now);
        }
        if read < self.read || write < self.write {
            changed.decreases = self.decreases_today(now) + 1;
            changed.decreased = Some(now);
        }
        changed
    }

    /// Decreases on the day of `now`.
    pub(crate) fn decreases_today(&self, now: Timestamp) -> u32 {
        let day = |at: Timestamp| at.as_secs() / DAY.as_secs();
        match self.decreased {
            Some(at) if day(at) == day(now) => self.decreases,
            _ => 0,
        }
    }
}

const DAY: Duration = Duration::from_secs(86_400);

/// A `ProvisionedThroughput`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnitsWanted {
    read_capacity_units: u64,
    write_capacity_units: u64,
}

/// How a new table is billed.
pub(crate) fn billing(
    mode: Option<BillingMode>,
    units: Option<UnitsWanted>,
    now: Timestamp,
) -> Result<Billing, Error> {
    match (mode.unwrap_or(BillingMode::Provisioned), units) {
        (BillingMode::PayPerRequest, None) => Ok(Billing::OnDemand(now)),
        (BillingMode::PayPerRequest, Some(_)) => Err(units_on_demand()),
        (BillingMode::Provisioned, None) => Err(Error::invalid(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is \
             PROVISIONED",
        )),
        (BillingMode::Provisioned, Some(units)) => {
            let (read, write) = (units.read_capacity_units, units.write_capacity_units);
            check_units(read, write)?;
            Ok(Billing::Provisioned(Throughput::new(read, write)))
        }
    }
}

/// How a table is billed after a change.
pub(crate) fn rebilling(
    before: Billing,
    mode: Option<BillingMode>,
    units: Option<UnitsWanted>,
    now: Timestamp,
) -> Result<Billing, Error> {
    let (before, units) = match (before, mode, units) {
        (Billing::OnDemand(since), None | Some(BillingMode::PayPerRequest), None) => {
            return Ok(Billing::OnDemand(since));
        }
        (Billing::Provisioned(_), Some(BillingMode::PayPerRequest), None) => {
            return Ok(Billing::OnDemand(now));
        }
        (Billing::OnDemand(_), None, Some(_)) | (_, Some(BillingMode::PayPerRequest), Some(_)) => {
            return Err(units_on_demand());
        }
        (Billing::OnDemand(_), Some(BillingMode::Provisioned), None) => {
            return Err(Error::invalid(
                "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
            ));
        }
        (Billing::Provisioned(before), _, None) => return Ok(Billing::Provisioned(before)),
        (Billing::Provisioned(before), _, Some(units)) => (Some(before), units),
        (Billing::OnDemand(_), Some(BillingMode::Provisioned), Some(units)) => (None, units),
    };
    let (read, write) = (units.read_capacity_units, units.write_capacity_units);
    check_units(read, write)?;
    match before {
        Some(same) if (same.read, same.write) == (read, write) => Err(Error::validation(format!(
            "The provisioned throughput for the table will not change. The requested value \
                 equals the current value. Current ReadCapacityUnits provisioned for the table: \
                 {read}. Requested ReadCapacityUnits: {read}. Current WriteCapacityUnits \
                 provisioned for the table: {write}. Requested WriteCapacityUnits: {write}. Refer \
                 to the Amazon DynamoDB Developer Guide for current limits and how to request \
                 higher limits."
        ))),
        Some(before) => Ok(Billing::Provisioned(before.changed(read, write, now))),
        None => Ok(Billing::Provisioned(Throughput::new(read, write))),
    }
}

fn units_on_demand() -> Error {
    Error::invalid(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
         PAY_PER_REQUEST",
    )
}

/// Refuses capacity units that no table can have.
fn check_units(read: u64, write: u64) -> Result<(), Error> {
    for (name, units) in [("ReadCapacityUnits", read), ("WriteCapacityUnits", write)] {
        if units > config::MAX_UNITS {
            let text = format!("Given value {units} for {name} is out of bounds");
            return Err(Error::validation(text));
        }
        if units > config::TABLE_UNITS {
            return Err(Error::LimitExceeded(format!(
                "Subscriber limit exceeded: {name} of a table can be at most {}.",
                config::TABLE_UNITS
            )));
        }
    }
    Ok(())
}

/// Refuses a table, not yet or differently stored, that the account has no room for.
pub(crate) async fn check_account(
    ctx: &Context,
    tx: &mut Transaction,
    table: &Table,
) -> Result<(), Error> {
    let mut others = list(ctx, tx, None, config::TABLES + 1).await?;
    others.retain(|other| other.name != table.name);
    if others.len() >= config::TABLES {
        return Err(Error::LimitExceeded(format!(
            "Subscriber limit exceeded: There is a limit of {} tables per subscriber",
            config::TABLES
        )));
    }
    let (mut read, mut write) = (0, 0);
    for table in others.iter().chain([table]) {
        if let Billing::Provisioned(throughput) = table.billing {
            read += throughput.read;
            write += throughput.write;
        }
    }
    if read > config::ACCOUNT_UNITS || write > config::ACCOUNT_UNITS {
        return Err(Error::LimitExceeded(format!(
            "Subscriber limit exceeded: The capacity units of all tables can be at most {}.",
            config::ACCOUNT_UNITS
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decreases_are_counted_for_one_day() {
        let noon = Timestamp::from_secs(86_400 * 10 + 43_200);
        let once = Throughput::new(5, 5).changed(4, 5, noon);
        let twice = once.changed(3, 6, noon + Duration::from_secs(60));
        assert_eq!((once.decreases_today(noon), twice.decreases_today(noon)), (1, 2));
        assert_eq!((once.increased, twice.increased.is_some()), (None, true));
        let tomorrow = noon + DAY;
        assert_eq!(twice.decreases_today(tomorrow), 0);
        assert_eq!(twice.changed(1, 1, tomorrow).decreases, 1);
    }
}
