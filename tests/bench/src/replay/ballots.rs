//! Ballots from a CSV file, gzipped or plain: a header, then a line a ballot, the first column its first
//! choice.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

/// What a gzipped file starts with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The first choices of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Ballots {
    /// Every choice that was somebody's first, the most frequent first, then by name.
    pub choices: Vec<String>,
    /// A ballot's choice as a place in `choices`, in the order of the file.
    pub first: Vec<usize>,
}

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BallotsError {
    /// It can't be opened.
    #[error("can't read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// It is no CSV, or damaged.
    #[error("not a CSV file of ballots, gzipped or plain: {0}")]
    Csv(#[from] csv::Error),
    /// A ballot without a first choice.
    #[error("line {line} has no first choice; give it one (such as \"undervote\") or remove the line")]
    Empty {
        /// Its line, from 1.
        line: u64,
    },
    /// A poll takes 2 to 50 choices.
    #[error("{count} different first choices; a poll takes 2 to 50")]
    Choices {
        /// How many there are.
        count: usize,
    },
}

impl Ballots {
    /// Reads a file.
    ///
    /// # Errors
    /// [`BallotsError`].
    pub fn read(path: &Path) -> Result<Self, BallotsError> {
        let unreadable = |source| BallotsError::File { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        if file.fill_buf().map_err(unreadable)?.starts_with(&GZIP) {
            Self::parse(MultiGzDecoder::new(file))
        } else {
            Self::parse(file)
        }
    }

    /// Reads plain CSV.
    ///
    /// # Errors
    /// All of [`BallotsError`] but `File`.
    pub fn parse(csv: impl Read) -> Result<Self, BallotsError> {
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut first = Vec::new();
        for record in csv::Reader::from_reader(csv).into_records() {
            let record = record?;
            // The gateway trims choices as well.
            let name = record.get(0).unwrap_or_default().trim();
            if name.is_empty() {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(BallotsError::Empty { line });
            }
            let next = names.len();
            first.push(match names.get(name) {
                Some(known) => *known,
                None => *names.entry(name.to_owned()).or_insert(next),
            });
        }
        if !(2..=50).contains(&names.len()) {
            return Err(BallotsError::Choices { count: names.len() });
        }
        Ok(by_frequency(names, &first))
    }

    /// How many of the ballots at these places have each choice, in the order of `choices`.
    pub fn count(&self, places: &[usize]) -> Vec<u64> {
        let mut counts = vec![0; self.choices.len()];
        for place in places {
            counts[self.first[*place]] += 1;
        }
        counts
    }
}

fn by_frequency(names: HashMap<String, usize>, first: &[usize]) -> Ballots {
    let mut counts = vec![0_u64; names.len()];
    for found in first {
        counts[*found] += 1;
    }
    let mut names: Vec<(String, usize)> = names.into_iter().collect();
    names
        .sort_by(|(a, found_a), (b, found_b)| counts[*found_b].cmp(&counts[*found_a]).then_with(|| a.cmp(b)));
    let mut places = vec![0; names.len()];
    for (place, (_, found)) in names.iter().enumerate() {
        places[*found] = place;
    }
    let first = first.iter().map(|found| places[*found]).collect();
    Ballots { choices: names.into_iter().map(|(name, _)| name).collect(), first }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const FILE: &str = "rank1,Rank2,rank3\n\
        \"BOB \"\"AGAIN\"\" CARNEY JR\",A,B\n\
        \"Hodges, Betsy\",undervote,undervote\n\
        undervote,,\n\
        \"Hodges, Betsy\",B,A\n";

    #[test]
    fn quoted_names_are_read_and_sorted_by_count_then_name() {
        let ballots = Ballots::parse(FILE.as_bytes()).unwrap();
        assert_eq!(ballots.choices, ["Hodges, Betsy", "BOB \"AGAIN\" CARNEY JR", "undervote"]);
        assert_eq!(ballots.first, [1, 0, 2, 0]);
        assert_eq!(ballots.count(&[0, 1, 2, 3]), [2, 1, 1]);
        assert_eq!(ballots.count(&[1, 3]), [2, 0, 0]);
    }

    #[test]
    fn a_gzipped_file_reads_like_a_plain_one() {
        let path = std::env::temp_dir().join(format!("pollster-ballots-{}", std::process::id()));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(FILE.as_bytes()).unwrap();
        for bytes in [FILE.as_bytes().to_vec(), packed.finish().unwrap()] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Ballots::read(&path).unwrap(), Ballots::parse(FILE.as_bytes()).unwrap());
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_ballot_without_a_first_choice_is_named_by_its_line() {
        let error = Ballots::parse("rank1,rank2\nA,B\n,A\n".as_bytes()).unwrap_err();
        assert!(matches!(error, BallotsError::Empty { line: 3 }), "{error}");
    }

    #[test]
    fn a_file_with_too_few_choices_is_refused() {
        let error = Ballots::parse("rank1\nA\nA\n".as_bytes()).unwrap_err();
        assert!(matches!(error, BallotsError::Choices { count: 1 }), "{error}");
    }
}
