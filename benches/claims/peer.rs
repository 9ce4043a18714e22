//! A plugin of its own, with the least that a command can do: what kept answers are measured against.
//!
//! The benchmark is its executable, under another name.

use nu_plugin::{
    EngineInterface, EvaluatedCall, MsgPackSerializer, Plugin, PluginCommand, SimplePluginCommand,
    serve_plugin,
};
use nu_protocol::{
    Category, LabeledError, ListStream, PipelineData, Signature, Type, Value, shell_error::ShellError,
};
use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

/// The values that it gives.
#[derive(Default)]
struct Peer(Mutex<Option<Value>>);

impl Peer {
    fn values(&self) -> Value {
        self.0.lock().unwrap().clone().expect("`peer keep` comes first")
    }
}

impl Plugin for Peer {
    fn version(&self) -> String {
        "0.0.0".into()
    }

    fn commands(&self) -> Vec<Box<dyn PluginCommand<Plugin = Self>>> {
        vec![Box::new(Keep), Box::new(Give), Box::new(Stream)]
    }
}

fn signature(name: &str) -> Signature {
    Signature::build(name).category(Category::Experimental).input_output_type(Type::Any, Type::Any)
}

/// Keeps what comes.
struct Keep;

impl SimplePluginCommand for Keep {
    type Plugin = Peer;

    fn name(&self) -> &'static str {
        "peer keep"
    }

    fn signature(&self) -> Signature {
        signature("peer keep")
    }

    fn description(&self) -> &'static str {
        "Keep values."
    }

    fn run(
        &self,
        peer: &Peer,
        _engine: &EngineInterface,
        call: &EvaluatedCall,
        input: &Value,
    ) -> Result<Value, LabeledError> {
        *peer.0.lock().unwrap() = Some(input.clone());
        Ok(Value::nothing(call.head))
    }
}

/// Asks for the variables, as every command must that depends on them, and gives the values.
struct Give;

impl SimplePluginCommand for Give {
    type Plugin = Peer;

    fn name(&self) -> &'static str {
        "peer give"
    }

    fn signature(&self) -> Signature {
        signature("peer give")
    }

    fn description(&self) -> &'static str {
        "Give the values."
    }

    fn run(
        &self,
        peer: &Peer,
        engine: &EngineInterface,
        _call: &EvaluatedCall,
        _input: &Value,
    ) -> Result<Value, LabeledError> {
        engine.get_env_vars().map_err(|error: ShellError| LabeledError::from(error))?;
        Ok(peer.values())
    }
}

/// The same as a stream of rows.
struct Stream;

impl PluginCommand for Stream {
    type Plugin = Peer;

    fn name(&self) -> &'static str {
        "peer stream"
    }

    fn signature(&self) -> Signature {
        signature("peer stream")
    }

    fn description(&self) -> &'static str {
        "Give the values one by one."
    }

    fn run(
        &self,
        peer: &Peer,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        _input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        engine.get_env_vars().map_err(|error: ShellError| LabeledError::from(error))?;
        let rows = peer.values().into_list().map_err(|error: ShellError| LabeledError::from(error))?;
        let stream = ListStream::new(rows.into_iter(), call.head, engine.signals().clone());
        Ok(PipelineData::list_stream(stream, None))
    }
}

/// Serves as this plugin where Nushell started the benchmark as one: whether it did.
pub(super) fn serves() -> bool {
    let as_plugin = std::env::args().any(|argument| argument == "--stdio" || argument == "--local-socket");
    if as_plugin {
        serve_plugin(&Peer::default(), MsgPackSerializer);
    }
    as_plugin
}

/// The benchmark's executable under a name that Nushell takes for a plugin's.
pub(super) fn executable(folder: &Path) -> PathBuf {
    let path = folder.join("nu_plugin_peer");
    let _ = std::fs::remove_file(&path);
    std::fs::hard_link(std::env::current_exe().unwrap(), &path)
        .or_else(|_| std::fs::copy(std::env::current_exe().unwrap(), &path).map(drop))
        .expect("a copy of the benchmark");
    path
}
