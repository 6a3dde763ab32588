//! Reads a tree of Rust files: for each its module, the paths that it names, and what it re-exports.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// Segments of a path, such as `["crate", "store", "Store"]`.
pub type Segments = Vec<String>;

/// A file of the tree.
pub struct SourceFile {
    /// From the root of the repository.
    pub path: String,
    /// Its module below the crate, such as `["store", "log"]`.
    pub module: Segments,
    pub text: String,
    /// Absolute paths into this crate, without `crate`.
    paths: Vec<Segments>,
    /// The first segments of all other paths: crates and local names.
    others: Vec<String>,
    /// Names that the file re-exports, with the absolute path behind each; `*` for a glob.
    reexports: Vec<(String, Segments)>,
    /// Items that the file defines.
    items: Vec<String>,
}

impl SourceFile {
    /// The module below the crate that the file belongs to; none for `lib.rs`.
    pub fn top(&self) -> Option<&str> {
        if self.path == "src/main.rs" { Some("main") } else { self.module.first().map(String::as_str) }
    }

    /// Every path into this crate that the file names.
    pub fn crate_paths(&self) -> impl Iterator<Item = &Segments> {
        self.paths.iter()
    }

    /// Whether the file names a crate by its own name.
    pub fn names_crate(&self, name: &str) -> bool {
        self.others.iter().any(|other| other == name)
    }
}

/// All files below a folder.
pub struct Tree {
    pub files: Vec<SourceFile>,
}

impl Tree {
    /// Reads every `.rs` file below `root`, a folder of this repository.
    pub fn read(root: &str) -> Tree {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        collect_rust(&repository.join(root), &mut paths);
        let texts: Vec<_> = paths
            .iter()
            .map(|path| {
                let relative = path.strip_prefix(repository).unwrap().to_str().unwrap().to_owned();
                (relative, std::fs::read_to_string(path).unwrap())
            })
            .collect();
        Tree::of(&texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    }

    /// A tree of these paths and texts.
    pub fn of(texts: &[(&str, &str)]) -> Tree {
        let modules: Vec<Segments> = texts.iter().map(|(path, _)| module_of(path)).collect();
        let mut files: Vec<_> = texts.iter().map(|(path, text)| parse(path, text, &modules)).collect();
        files.retain(|file| !file.path.ends_with("/tests.rs") && !file.path.contains("/tests/"));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Tree { files }
    }

    /// The folders that hold files, such as `src/store/log`.
    pub fn folders(&self) -> Vec<String> {
        let mut folders: Vec<_> =
            self.files.iter().map(|file| file.path.rsplit_once('/').unwrap().0.to_owned()).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// The file that defines what `path` names, through re-exports.
    pub fn file_of(&self, path: &[String]) -> Option<&SourceFile> {
        self.follow(path, 8)
    }

    fn follow(&self, path: &[String], hops: usize) -> Option<&SourceFile> {
        let (file, rest) = (0..=path.len()).rev().find_map(|length| {
            let file = self.files.iter().find(|file| file.module == path[..length] && file.path != "src/main.rs")?;
            Some((file, &path[length..]))
        })?;
        let Some(name) = rest.first().filter(|name| hops > 0 && !file.items.contains(name)) else { return Some(file) };
        let targets = file.reexports.iter().filter(|(exported, _)| exported == name || exported == "*");
        let found = targets.filter_map(|(exported, target)| {
            let full: Segments = match exported.as_str() {
                "*" => target.iter().chain(rest).cloned().collect(),
                _ => target.iter().chain(&rest[1..]).cloned().collect(),
            };
            let to = self.follow(&full, hops - 1)?;
            (exported != "*" || to.items.contains(name)).then_some(to)
        });
        found.into_iter().next().or(Some(file))
    }
}

/// Adds, for each folder below `root`, how many files it lists. Lock files and hidden files do not count.
pub fn count_files(root: &str, into: &mut BTreeMap<String, usize>) {
    let tracked = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", root])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    for path in String::from_utf8(tracked.stdout).unwrap().lines() {
        let exists = Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists();
        if let Some((folder, _)) = path.rsplit_once('/').filter(|_| exists) {
            *into.entry(folder.to_owned()).or_default() += 1;
        }
    }
}

fn collect_rust(directory: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "node_modules") {
            collect_rust(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn module_of(path: &str) -> Segments {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut module: Segments = inside.split('/').map(str::to_owned).collect();
    if ["mod", "lib", "main"].contains(&module.last().unwrap().as_str()) {
        module.pop();
    }
    module
}

fn parse(path: &str, text: &str, modules: &[Segments]) -> SourceFile {
    let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let module = module_of(path);
    let mut reader = Reader { modules, module: &module, depth: 0, aliases: BTreeMap::new(), read: Read::default() };
    // Imports first: a path may begin with a name that a later `use` brings.
    reader.read_aliases(&syntax.items);
    reader.visit_file(&syntax);
    let Read { paths, others, reexports } = reader.read;
    let items = syntax.items.iter().filter_map(name_of).collect();
    SourceFile { path: path.to_owned(), module, text: text.to_owned(), paths, others, reexports, items }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        // An item that a macro makes: its name is among the macro's tokens.
        _ => return None,
    };
    Some(ident.to_string())
}

#[derive(Default)]
struct Read {
    paths: Vec<Segments>,
    others: Vec<String>,
    reexports: Vec<(String, Segments)>,
}

struct Reader<'a> {
    modules: &'a [Segments],
    module: &'a Segments,
    /// How many inline modules stand around.
    depth: usize,
    /// Names that the file imports, with the absolute path of each.
    aliases: BTreeMap<String, Segments>,
    read: Read,
}

impl Reader<'_> {
    fn read_aliases(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Use(item) = item
                && !is_test(&item.attrs)
            {
                for (segments, name) in flatten(&item.tree) {
                    if let Some(path) = self.absolute(&segments) {
                        self.aliases.insert(name, path);
                    }
                }
            }
        }
    }

    /// The path below the crate that these segments name; none if they name another crate or a local item.
    fn absolute(&self, segments: &[String]) -> Option<Segments> {
        let mut rest = segments;
        let mut base = self.module.clone();
        let mut depth = self.depth;
        match rest.first()?.as_str() {
            "crate" => Some(rest[1..].to_vec()),
            "self" | "super" => {
                while let Some(word @ ("self" | "super")) = rest.first().map(String::as_str) {
                    match word {
                        "super" if depth > 0 => depth -= 1,
                        "super" => drop(base.pop()),
                        _ => {}
                    }
                    rest = &rest[1..];
                }
                base.extend_from_slice(rest);
                Some(base)
            }
            first if self.depth == 0 && self.is_child(first) => {
                base.extend_from_slice(rest);
                Some(base)
            }
            first => {
                let mut path = self.aliases.get(first)?.clone();
                path.extend_from_slice(&rest[1..]);
                Some(path)
            }
        }
    }

    fn is_child(&self, name: &str) -> bool {
        self.modules.iter().any(|module| {
            module.len() == self.module.len() + 1
                && module.starts_with(self.module)
                && module.last().is_some_and(|last| last == name)
        })
    }

    fn name(&mut self, segments: &[String]) {
        match self.absolute(segments) {
            Some(path) => self.read.paths.push(path),
            None => self.read.others.extend(segments.first().cloned()),
        }
    }

    /// Paths among the tokens of a macro's call.
    fn name_tokens(&mut self, tokens: TokenStream) {
        let mut segments: Segments = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 => segments.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.name_if_path(&segments);
                    segments = vec![ident.to_string()];
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !segments.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.name_if_path(&std::mem::take(&mut segments));
                    self.name_tokens(group.stream());
                }
                _ => self.name_if_path(&std::mem::take(&mut segments)),
            }
            colons = 0;
        }
        self.name_if_path(&segments);
    }

    fn name_if_path(&mut self, segments: &[String]) {
        if segments.len() > 1 {
            self.name(segments);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.depth += 1;
            visit::visit_item_mod(self, item);
            self.depth -= 1;
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for (segments, name) in flatten(&item.tree) {
            self.name(&segments);
            if !matches!(item.vis, Visibility::Inherited)
                && let Some(path) = self.absolute(&segments)
            {
                self.read.reexports.push((name, path));
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name_if_path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.name_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// The paths of a `use`, each with the name that it brings; a glob brings `*` and leads to its module.
fn flatten(tree: &UseTree) -> Vec<(Segments, String)> {
    fn go(prefix: &Segments, tree: &UseTree, into: &mut Vec<(Segments, String)>) {
        let with = |ident: &syn::Ident| {
            let mut segments = prefix.clone();
            if ident != "self" || prefix.is_empty() {
                segments.push(ident.to_string());
            }
            segments
        };
        match tree {
            UseTree::Path(path) => go(&with(&path.ident), &path.tree, into),
            UseTree::Name(name) => {
                let segments = with(&name.ident);
                let last = segments.last().cloned().unwrap_or_default();
                into.push((segments, last));
            }
            UseTree::Rename(rename) => into.push((with(&rename.ident), rename.rename.to_string())),
            UseTree::Glob(_) => into.push((prefix.clone(), "*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| go(prefix, tree, into)),
        }
    }
    let mut paths = Vec::new();
    go(&Vec::new(), tree, &mut paths);
    paths
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().starts_with("test"))
    })
}
