//! The comments of a descriptor set, by element.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, FileDescriptor};

/// Comments by file and path. Empty for a set that was built without source information.
pub(crate) struct Docs(HashMap<(String, Vec<i32>), String>);

impl Docs {
    pub(crate) fn read(pool: &DescriptorPool) -> Self {
        let mut found = HashMap::new();
        for file in pool.files() {
            let Some(info) = &file.file_descriptor_proto().source_code_info else {
                continue;
            };
            for place in &info.location {
                let Some(text) = &place.leading_comments else { continue };
                let words: Vec<&str> = text.split_whitespace().collect();
                found.insert((file.name().to_owned(), place.path.clone()), words.join(" "));
            }
        }
        Self(found)
    }

    /// What stands above an element, on one line.
    pub(crate) fn of(&self, file: &FileDescriptor, path: &[i32]) -> String {
        let key = (file.name().to_owned(), path.to_vec());
        self.0.get(&key).cloned().unwrap_or_default()
    }
}
