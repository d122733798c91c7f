import Foundation
import Harness

/// What a user would put in the service's place, each measured in the same rounds.
struct Baselines {
    private let world: World
    private let nginx: Nginx
    private let hummingbird: Hummingbird
    private let redis: Redis

    init(_ world: World, answerBytes: Int) throws {
        self.world = world
        nginx = try Nginx(answerBytes: answerBytes, in: world.folder)
        hummingbird = try Hummingbird(in: world.folder)
        redis = try Redis(in: world.folder)
    }

    /// The requests of a check, answered with as many bytes and no thought.
    func nginx(connections: Int, turn: Int) throws -> LoadSample {
        try CPUMeter("nginx", of: nginx.child.pid)
            .measure {
                try world.wrk.send(
                    world.wrk.checks,
                    port: nginx.port,
                    connections: connections,
                    seconds: world.plan.seconds,
                    turn: turn
                )
            }
    }

    func nginxGet(connections: Int) throws -> LoadSample {
        try CPUMeter("nginx", of: nginx.child.pid)
            .measure {
                try world.wrk.gets(
                    port: nginx.port,
                    connections: connections,
                    seconds: world.plan.seconds
                )
            }
    }

    func hummingbird(connections: Int) throws -> LoadSample {
        try CPUMeter("hummingbird", of: hummingbird.child.pid)
            .measure {
                try world.wrk.gets(
                    port: hummingbird.port,
                    connections: connections,
                    seconds: world.plan.seconds
                )
            }
    }

    /// redis-benchmark counts requests instead of seconds.
    func redis(connections: Int) throws -> LoadSample {
        let requests = 60_000 * world.plan.seconds
        return try CPUMeter("redis", of: redis.child.pid)
            .measure {
                try redis.get(requests: requests, connections: connections)
            }
    }

    func stop() {
        for child in [nginx.child, hummingbird.child, redis.child] { child.stop() }
    }
}
