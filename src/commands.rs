//! What Nushell sees: arguments -> requests, answers -> pipelines. One file per command.

mod cache;
mod call;
mod complete;
mod describe;
mod invalidate;
mod invocation;
mod known;
mod meta;
mod operations;
mod parameters;
mod perf;
mod services;
mod signature;
mod stream;
mod tidy;
mod values;
mod wait;
mod whoami;

use crate::app::App;
use nu_plugin::PluginCommand;

/// Every command of the plugin.
pub fn all() -> Vec<Box<dyn PluginCommand<Plugin = App>>> {
    let mut commands: Vec<Box<dyn PluginCommand<Plugin = App>>> = vec![
        Box::new(call::Call),
        Box::new(stream::Stream),
        Box::new(wait::Wait),
        Box::new(services::Services),
        Box::new(operations::Operations),
        Box::new(whoami::Whoami),
        Box::new(tidy::Tidy),
        Box::new(invalidate::Invalidate),
        Box::new(known::Complete),
    ];
    commands.extend(cache::all());
    commands.extend(perf::all());
    commands
}
