//! `make models`: turns the data folder of a botocore release into the embedded pack.

use aws_perf::{
    error::{Error, ErrorKind, Result},
    model::{pack, tables::Tables},
};
use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut stderr = io::stderr().lock();
            let causes = error.causes().join(": ");
            // Where even standard error is gone, the exit code still tells.
            let _ = writeln!(stderr, "{error}\n{causes}\n{}", error.help_text().unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let [data, botocore, out] = arguments else {
        return Err(Error::invalid("Usage: build_models <botocore data folder> <botocore version> <pack>"));
    };
    let start = Instant::now();
    let contents = pack::read_folder(Path::new(data), botocore, Tables::embedded()?)?;
    let (bytes, size) = contents.encode()?;
    fs::write(out, &bytes).map_err(|cause| failed(out, cause))?;
    let operations: usize = contents.services.iter().map(|part| part.service.operations.len()).sum();
    let paginated = |inferred: bool| {
        let operations = contents.services.iter().flat_map(|part| &part.service.operations);
        operations.filter(|o| o.pagination.as_ref().is_some_and(|p| p.inferred == inferred)).count()
    };
    let all = || contents.services.iter().flat_map(|part| &part.service.operations);
    let mut stdout = io::stdout().lock();
    let text = format!(
        "botocore {botocore}: {} services, {operations} operations\n\
         paginated {} and inferred {}, with rows {}, with filter names {}\n\
         {} bytes: index {}, dictionary {}, models {} of {}, endpoint rules {} of {}, partitions {}\n\
         in {:?}",
        contents.services.len(),
        paginated(false),
        paginated(true),
        all().filter(|operation| !operation.rows.is_empty()).count(),
        all().filter(|operation| !operation.filters.is_empty()).count(),
        bytes.len(),
        size.index,
        size.dictionary,
        size.models,
        size.models_plain,
        size.rules,
        size.rules_plain,
        size.partitions,
        start.elapsed(),
    );
    writeln!(stdout, "{text}").map_err(|cause| failed("standard output", cause))
}

fn failed(what: &str, cause: io::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("{what} cannot be written")).source(cause)
}
