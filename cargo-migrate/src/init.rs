//! What `cargo migrate init` puts into a package: one module for each file it may touch, all of them pure.

pub(crate) mod attributes;
pub(crate) mod build_script;
pub(crate) mod dependencies;
pub(crate) mod edit;
pub(crate) mod module;

pub(crate) mod source_text;
