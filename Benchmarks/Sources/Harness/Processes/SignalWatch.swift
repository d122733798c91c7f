import Dispatch
import Glibc

/// While it lives, Ctrl-C and SIGTERM stop everything that was started before they end the run.
///
/// Dispatch installs a handler of its own on Linux. Ignoring the signals first, as elsewhere, would
/// do harm: what is ignored stays ignored in the programs that are started.
package final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    package init() {
        sources = [SIGINT, SIGTERM, SIGHUP]
            .map { number in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    Children.all.stopAll()
                    exit(128 + number)
                }
                source.resume()
                return source
            }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
