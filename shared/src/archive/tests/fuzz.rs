//! Archives that were never written: manifests that claim anything, and files cut, changed and blown up.

use parquet::file::metadata::ParquetMetaDataReader;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::*;

/// Bytes at a Parquet file's end: the length of its metadata, and `PAR1`.
const FOOTER: usize = 8;

impl Bed {
    /// The manifest of these bytes, as if they were recorded.
    async fn open(&self, json: &[u8]) -> Result<Manifest, ArchiveError> {
        let poll_id = Uuid::nil();
        self.store.write(Key::Manifest { poll_id }, json.to_vec().into()).await.unwrap();
        let recorded = Recorded {
            manifest_sha256: Hash::of(json),
            rows: 0,
            bytes: 0,
            archived_at: DateTime::UNIX_EPOCH,
            removed_at: None,
            held: false,
        };
        open(&self.store, poll_id, &recorded).await
    }

    /// All rows of the manifest's parts, or what is wrong with them.
    async fn rows(&self, manifest: &Manifest) -> Result<Vec<StoredEvent>, ArchiveError> {
        let mut rows = Vec::new();
        for relation in Relation::ALL {
            let groups: Vec<_> = events(&self.store, manifest, relation).try_collect().await?;
            rows.extend(groups.concat());
        }
        Ok(rows)
    }

    /// A whole archive: its manifest with the file of its one part.
    async fn archive(&self) -> (Manifest, Vec<u8>) {
        let rows = responses();
        let parts = self.write(Relation::Responses, &[&[&rows[..2], &rows[2..]]]).await;
        let file = std::fs::read(self.path(&parts[0])).unwrap();
        (manifest(&rows, parts), file)
    }

    /// Puts other bytes in the part's place and reads them, with a manifest that has no hash against them and claims
    /// as many rows as they do.
    async fn read_instead(&self, manifest: &Manifest, file: &[u8]) -> Result<Vec<StoredEvent>, ArchiveError> {
        let mut manifest = manifest.clone();
        std::fs::write(self.path(&manifest.parts[0]), file).unwrap();
        manifest.parts[0].bytes = file.len() as u64;
        manifest.parts[0].rows = claimed_rows(file).unwrap_or(manifest.parts[0].rows);
        self.rows(&manifest).await
    }
}

/// How many rows a file claims, if its metadata can be read.
fn claimed_rows(file: &[u8]) -> Option<u64> {
    let metadata = std::panic::catch_unwind(|| {
        ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::copy_from_slice(file)).ok()
    });
    let metadata = metadata.ok()??;
    let rows = metadata.row_groups().iter().try_fold(0_i64, |sum, group| sum.checked_add(group.num_rows()));
    u64::try_from(rows?).ok()
}

/// Whether it says which object is at fault.
fn names_an_object(error: &ArchiveError) -> bool {
    error.to_string().contains(&format!("polls/{}/", Uuid::nil()))
}

/// The places in a manifest that something else is put in.
const PLACES: [&str; 16] = [
    "",
    "/format",
    "/written_by",
    "/poll",
    "/poll/questions",
    "/poll/questions/0/choices",
    "/poll/id",
    "/closed_at",
    "/counts",
    "/counts/results",
    "/counts/version",
    "/parts",
    "/parts/0/relation",
    "/parts/0/key",
    "/parts/0/rows",
    "/parts/0/bytes",
];

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![0..3u64, (0..64u32).prop_map(|bits| 1 << bits), any::<u64>()];
    let part =
        |number: u32| Key::Part { poll_id: Uuid::nil(), relation: Relation::Responses, number }.to_string();
    prop_oneof![
        4 => number.prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => "\\PC{0,8}".prop_map(Value::from),
        1 => (0..3u32).prop_map(move |number| json!(part(number))),
        1 => Just(json!(format!("polls/{}/manifest.json", Uuid::nil()))),
        1 => Just(json!("changes")),
        1 => vec(Just(Value::Null), 0..3).prop_map(Value::from),
    ]
}

#[tokio::test]
async fn parts_that_add_up_to_more_than_there_can_be_are_refused() {
    let bed = Bed::new();
    let (mut manifest, _) = bed.archive().await;
    let part = manifest.parts[0];
    for (rows, bytes) in [(1 << 63, part.bytes), (part.rows, 1 << 63), (u64::MAX, u64::MAX)] {
        manifest.parts = vec![Part { rows, bytes, ..part }; 2];
        let error = bed.open(&serde_json::to_vec(&manifest).unwrap()).await.unwrap_err();
        assert!(matches!(error, ArchiveError::Damaged { .. }) && names_an_object(&error), "{error}");
    }
}

/// A number of many bytes in the place of each byte of the metadata: some of these places hold how many rows there are.
#[tokio::test]
async fn metadata_that_claim_too_much_are_refused_before_there_is_room_for_it() {
    let bed = Bed::new();
    let (manifest, file) = bed.archive().await;
    let end = file.len() - FOOTER;
    let length = u32::from_le_bytes(*file[end..].first_chunk().unwrap()) as usize;
    let numbers: [&[u8]; 3] = [
        &[0xfe, 0xff, 0xff, 0x7f],
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f],
    ];
    let mut claimed_most = 0;
    for at in end - length..end {
        for number in numbers {
            let length = (length + number.len() - 1) as u32;
            let blown_up = [&file[..at], number, &file[at + 1..end], &length.to_le_bytes(), b"PAR1"].concat();
            claimed_most = claimed_most.max(claimed_rows(&blown_up).unwrap_or(0));
            match bed.read_instead(&manifest, &blown_up).await {
                Ok(rows) => assert_eq!(rows.len(), responses().len(), "byte {at}"),
                Err(error) => assert!(names_an_object(&error), "byte {at}: {error}"),
            }
        }
    }
    assert!(claimed_most > 1 << 50, "no place claimed many rows");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 2))]

    #[test]
    fn any_bytes_are_a_manifest_or_an_error_that_names_it(
        bytes in prop_oneof![
            vec(any::<u8>(), 0..64),
            "[{}\\[\\]\":,0-9a-z]{0,64}".prop_map(String::into_bytes),
        ],
    ) {
        let error = Runtime::new().unwrap().block_on(async { Bed::new().open(&bytes).await.unwrap_err() });
        prop_assert!(names_an_object(&error), "{}", error);
    }

    #[test]
    fn a_manifest_of_another_archive_restores_nothing_else(
        changes in vec((prop::sample::select(PLACES.to_vec()), value()), 1..4),
    ) {
        Runtime::new().unwrap().block_on(async {
            let bed = Bed::new();
            let (manifest, _) = bed.archive().await;
            let mut changed = serde_json::to_value(&manifest).unwrap();
            for (place, value) in changes {
                if let Some(there) = changed.pointer_mut(place) {
                    *there = value;
                }
            }
            let opened = match bed.open(&serde_json::to_vec(&changed).unwrap()).await {
                Ok(opened) => opened,
                Err(error) => {
                    prop_assert!(names_an_object(&error), "{}", error);
                    return Ok(());
                }
            };
            prop_assert_eq!(opened.rows(), opened.rows_of(Relation::Responses) + opened.rows_of(Relation::Changes));
            match bed.rows(&opened).await {
                Ok(rows) => prop_assert!(rows.is_empty() || rows == responses()),
                Err(error) => prop_assert!(names_an_object(&error), "{}", error),
            }
            if let Err(error) = verify(&bed.store, &opened, |_| {}).await {
                prop_assert!(names_an_object(&error), "{}", error);
            } else {
                prop_assert_eq!(opened.counts.results, manifest.counts.results);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_file_cut_or_changed_anywhere_is_an_error_or_holds_rows(
        length in 0..4096usize, changes in vec((0..4096usize, any::<u8>()), 0..6),
    ) {
        Runtime::new().unwrap().block_on(async {
            let bed = Bed::new();
            let (manifest, mut file) = bed.archive().await;
            let whole = file.len();
            for (at, byte) in changes {
                file[whole - 1 - at % whole] = byte;
            }
            // Most keep their end, which is read first.
            if length < whole / 2 {
                file.truncate(length);
            }
            if let Err(error) = bed.read_instead(&manifest, &file).await {
                prop_assert!(names_an_object(&error), "{}", error);
            }
            Ok(())
        })?;
    }
}
