import Harness

/// CPU that processes spend while something happens, split by what they are.
struct CPUMeter {
    let readings: [String: () -> Duration]

    /// Runs a load and notes the CPU of each of its answers.
    func measure(_ load: () throws -> LoadSample) rethrows -> LoadSample {
        let before = readings.mapValues { $0() }
        var sample = try load()
        for (name, read) in readings {
            let spent = read() - (before[name] ?? .zero)
            sample.cpuMicroseconds[name] = spent.microseconds / Double(max(1, sample.answers))
        }
        return sample
    }
}

extension CPUMeter {
    init(_ name: String, of pid: Int32) {
        readings = [name: { ProcessTable.cpu(pid) }]
    }

    /// The service and its Postgres.
    init(_ service: UsherService, _ cluster: Cluster) {
        readings = [
            "service": { ProcessTable.cpu(service.child.pid) },
            "postgres": { cluster.cpu },
        ]
    }
}
