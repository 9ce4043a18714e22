//! `aws perf …`: what was measured.

mod record;
mod reset;
mod stats;

use super::invocation::Named;
use crate::{
    app::App,
    error::{Error, Result, suggest::did_you_mean},
};
use nu_plugin::PluginCommand;

/// The commands of this group.
pub(super) fn all() -> Vec<Box<dyn PluginCommand<Plugin = App>>> {
    vec![Box::new(stats::Stats), Box::new(record::Record), Box::new(reset::Reset)]
}

/// One of a few names.
fn one_of<T: Copy>(name: &Named, all: &[T], of: impl Fn(T) -> &'static str) -> Result<T> {
    let names: Vec<&str> = all.iter().map(|one| of(*one)).collect();
    all.iter().copied().find(|one| of(*one) == name.text).ok_or_else(|| {
        let error = Error::invalid(format!("`{}` is none of {}", name.text, names.join(", "))).at(name.span);
        match did_you_mean(&name.text, names.iter().copied()) {
            Some(hint) => error.help(hint),
            None => error,
        }
    })
}
