import Limits

/// Collects faults while reading goes on.
///
/// A shared rule is read once for each flag that refers to it; its faults are kept once.
final class FaultList {
    private(set) var all: [FlagFault] = []
    private var seen: Set<FlagFault> = []

    func add(_ path: String, _ message: String, _ remedy: String) {
        guard all.count < Limits.flagFaults else { return }
        let fault = FlagFault(path: path, message: message, remedy: remedy)
        if seen.insert(fault).inserted { all.append(fault) }
    }

    func add(_ faults: [FlagFault]) {
        for fault in faults { add(fault.path, fault.message, fault.remedy) }
    }
}
