//! A graph of what uses what, and its cycles.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{SourceFile, Tree};

/// Nodes by name, each with the nodes that it uses.
pub struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    /// Files. A file may use the `mod.rs` of a folder that it is in: parent and children are one.
    pub fn of_files(tree: &Tree) -> Graph {
        let mut graph = Graph(BTreeMap::new());
        for (user, used) in uses(tree) {
            if !user.module.starts_with(&used.module) {
                graph.add(&user.path, &used.path);
            }
        }
        graph
    }

    /// What stands directly in `folder`: its files and its folders. What `mod.rs` uses does not count, since it stands
    /// above the others, and neither does what they take from it.
    pub fn of_siblings(tree: &Tree, folder: &str) -> Graph {
        let sibling = |file: &SourceFile| {
            let inside = file.path.strip_prefix(folder)?.strip_prefix('/')?;
            let name = inside.split('/').next()?;
            (!["mod.rs", "lib.rs", "main.rs"].contains(&name)).then(|| format!("{folder}/{name}"))
        };
        let mut graph = Graph(BTreeMap::new());
        for (user, used) in uses(tree) {
            if let (Some(from), Some(to)) = (sibling(user), sibling(used))
                && from != to
            {
                graph.add(&from, &to);
            }
        }
        graph
    }

    fn add(&mut self, from: &str, to: &str) {
        self.0.entry(from.to_owned()).or_default().insert(to.to_owned());
        self.0.entry(to.to_owned()).or_default();
    }

    /// What a node uses.
    pub fn targets(&self, node: &str) -> Vec<&str> {
        self.0.get(node).into_iter().flatten().map(String::as_str).collect()
    }

    /// Each group of nodes that reach each other, as a line with the arrows inside it.
    pub fn cycles(&self) -> Vec<String> {
        let reach: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|node| (node.as_str(), self.reach(node))).collect();
        let mut seen = BTreeSet::new();
        let mut cycles = Vec::new();
        for (node, reached) in &reach {
            let group: BTreeSet<_> = reached.iter().copied().filter(|other| reach[other].contains(node)).collect();
            if group.contains(node) && group.iter().all(|other| seen.insert(*other)) {
                let inside = |from: &&str| {
                    let to: Vec<_> = self.targets(from).into_iter().filter(|to| group.contains(to)).collect();
                    format!("  {from} -> {}", to.join(", "))
                };
                cycles.push(format!("a cycle:\n{}", group.iter().map(inside).collect::<Vec<_>>().join("\n")));
            }
        }
        cycles
    }

    /// All that can be reached from a node by at least one arrow.
    fn reach(&self, node: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = self.targets(node);
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.targets(next));
            }
        }
        reached
    }
}

fn uses(tree: &Tree) -> impl Iterator<Item = (&SourceFile, &SourceFile)> {
    tree.files.iter().flat_map(move |user| {
        let targets = user.crate_paths().filter_map(move |path| tree.file_of(path));
        targets.filter(move |used| used.path != user.path).map(move |used| (user, used))
    })
}
