//! Our contracts with a few words changed, compiled: what an architect's edit does, without a build.

use std::path::PathBuf;

use prost_reflect::DescriptorPool;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};

struct Altered {
    ours: IncludeFileResolver,
    file: String,
    words: Vec<(String, String)>,
}

impl FileResolver for Altered {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let file = self.ours.open_file(name)?;
        if name != self.file {
            return Ok(file);
        }
        let mut source = file.source().unwrap_or_default().to_owned();
        for (from, to) in &self.words {
            assert!(source.contains(from.as_str()), "{name} does not say {from}");
            source = source.replacen(from.as_str(), to, 1);
        }
        File::from_source(name, &source)
    }
}

/// The pool of our contracts, with the first of each pair of words in `file` replaced by the second.
pub(crate) fn altered(file: &str, words: &[(&str, &str)]) -> DescriptorPool {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut resolver = ChainFileResolver::new();
    resolver.add(Altered {
        ours: IncludeFileResolver::new(root.join("proto")),
        file: file.to_owned(),
        words: words
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect(),
    });
    resolver.add(IncludeFileResolver::new(root.join("third_party/proto")));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    let names = strata_contract::POOL
        .files()
        .filter(|file| file.package_name().starts_with("strata."));
    for name in names.map(|file| file.name().to_owned()) {
        compiler.open_file(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let set = compiler.encode_file_descriptor_set();
    DescriptorPool::decode(set.as_slice()).unwrap_or_else(|error| panic!("{error}"))
}
