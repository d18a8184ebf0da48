//! What `/metrics` says.

/// The value of a metric in the text of `/metrics`, summed over its labels; 0 where nothing was counted yet.
pub fn metric(text: &str, name: &str) -> f64 {
    let of_name = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    of_name.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let text = "# HELP a Of a kind.\n# TYPE a counter\na_total{b=\"c d\"} 2\na_total{b=\"e\"} 3\na_total_2 7\n# EOF\n";
        assert_eq!(metric(text, "a_total"), 5.0);
        assert_eq!(metric(text, "a_total_2"), 7.0);
        assert_eq!(metric(text, "a"), 0.0);
    }
}
