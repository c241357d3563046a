//! What the package says its schema shall be, and how revisions are made of the difference.

/// The keys of `[package.metadata.migrate]` about the desired schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Desired {
    /// Folders, files and patterns in which models are looked for, relative to the package; none is all of its source.
    pub(crate) models: Option<Vec<String>>,
    /// SQL files and folders that describe the rest of the schema, or all of it, relative to the package.
    pub(crate) schema: Option<Vec<String>>,
    /// Patterns of what alone is compared.
    pub(crate) include: Option<Vec<String>>,
    /// Patterns of what is not compared.
    pub(crate) exclude: Option<Vec<String>>,
    /// Whether what takes long on a table in use goes into a revision of its own.
    pub(crate) online: Option<bool>,
    /// Commands that are run on the files of a new revision.
    pub(crate) hooks: Option<Vec<String>>,
}

impl Desired {
    /// These settings, and the others where these say nothing.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            models: self.models.or(others.models),
            schema: self.schema.or(others.schema),
            include: self.include.or(others.include),
            exclude: self.exclude.or(others.exclude),
            online: self.online.or(others.online),
            hooks: self.hooks.or(others.hooks),
        }
    }
}
