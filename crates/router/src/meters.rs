use service::metrics::{AGES, FUNCTIONS, Histogram, HistogramVec, Metrics, Names};

/// How long records had waited in their sources when they were read, by the function that gets
/// them.
pub(crate) struct RecordAges {
    names: Names,
    ages: HistogramVec,
}

impl RecordAges {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let help = "Age of records of event source mappings when they are read.";
        let name = "pileus_mapping_record_age_seconds";
        let ages = metrics.histogram(name, help, &["function"], &AGES);
        Self { names: Names::new(FUNCTIONS), ages }
    }

    pub(crate) fn of(&self, function: &str) -> Histogram {
        self.ages.with_label_values(&[self.names.label(function)])
    }
}
