//! The plugin as Nushell knows it: its version and its commands.

use crate::{app::App, commands};
use nu_plugin::{Plugin, PluginCommand};

impl Plugin for App {
    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn commands(&self) -> Vec<Box<dyn PluginCommand<Plugin = Self>>> {
        commands::all()
    }
}
