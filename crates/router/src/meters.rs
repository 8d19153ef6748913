use service::metrics::{AGES, ByFunction, FUNCTIONS, Histogram, Metrics};
use std::sync::Arc;

/// How long records had waited in their sources when they were read, by the function that gets
/// them.
pub(crate) struct RecordAges(Arc<ByFunction<Histogram>>);

impl RecordAges {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let help = "Age of records of event source mappings when they are read.";
        let name = "pileus_mapping_record_age_seconds";
        let ages = metrics.histogram(name, help, &["function"], &AGES);
        let family = ages.clone();
        Self(metrics.by_function(
            FUNCTIONS,
            move |function| ages.with_label_values(&[function]),
            move |function| drop(family.remove_label_values(&[function])),
        ))
    }

    pub(crate) fn of(&self, function: &str) -> Histogram {
        self.0.of(function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ages_of_a_function_that_is_no_more_are_forgotten() {
        let metrics = Metrics::default();
        let ages = RecordAges::new(&metrics);
        for function in ["gone", "kept"] {
            ages.of(function).observe(1.0);
        }
        metrics.forget_function("gone");
        let text = metrics.text();
        assert!(text.contains("kept") && !text.contains("gone"), "{text}");
    }
}
