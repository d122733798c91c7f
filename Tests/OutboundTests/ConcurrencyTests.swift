import Dispatch
import Limits
import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Many calls at once` {
    @Test func `all succeed over few connections`() async throws {
        let slots = DispatchSemaphore(value: 2)
        let behaviour: TestServer.Behaviour = { _, peer in
            slots.wait()
            defer { slots.signal() }
            peer.answer()
            return true
        }
        try await withServer(behaviour) { server in
            let statuses = try await withClient { client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<500 {
                        group.addTask {
                            try await client.send(OutboundRequest(url: server.url())).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(statuses == Array(repeating: 200, count: 500))
            #expect(server.connections.most <= Limits.callbackConnections)
        }
    }

    @Test func `fill the slots and no more`() async throws {
        let gate = Gate()
        let inside = Gauge()
        let arrived = Signal()
        let servers = try (0..<12)
            .map { _ in
                try TestServer { _, peer in
                    inside.enter()
                    arrived.fire()
                    gate.pass()
                    inside.leave()
                    peer.answer()
                    return true
                }
            }
        defer { for server in servers { server.stop() } }
        try await withClient(inFlight: 32) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for server in servers {
                    for _ in 0..<4 {
                        group.addTask {
                            try await client.send(OutboundRequest(url: server.url())).status
                        }
                    }
                }
                await arrived.wait(for: 32)
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(inside.most <= 32)
        #expect(arrived.count == 48)
    }

    @Test func `at a slow host do not hold up another`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { slow in
            try await withServer { quick in
                try await withClient(inFlight: 5) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<20 {
                            group.addTask {
                                let request = OutboundRequest(url: slow.url())
                                try await expect(.shutDown, of: client, request)
                            }
                        }
                        await slow.arrived.wait(for: 4)
                        let response = try await client.send(OutboundRequest(url: quick.url()))
                        #expect(response.status == 200)
                        await client.shutdown()
                        try await group.waitForAll()
                    }
                }
                #expect(slow.arrived.count == 4)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Cancelling a call` {
    @Test func `ends its transfer and closes its connection`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { server in
            try await withClient { client in
                let task = Task {
                    try await failure(
                        of: client,
                        OutboundRequest(url: server.url(), timeout: .seconds(50))
                    )
                }
                await server.arrived.wait()
                task.cancel()
                let error = try await task.value
                #expect(error == .cancelled)
                await server.ended.wait()
            }
        }
    }

    @Test func `works while it waits in line, and leaves the others alone`() async throws {
        let gate = Gate()
        let behaviour: TestServer.Behaviour = { _, peer in
            gate.pass()
            peer.answer()
            return true
        }
        try await withServer(behaviour) { server in
            try await withClient(inFlight: 1) { client in
                async let first = client.send(OutboundRequest(url: server.url()))
                await server.arrived.wait()
                let second = Task {
                    try await failure(of: client, OutboundRequest(url: server.url("/second")))
                }
                second.cancel()
                let error = try await second.value
                #expect(error == .cancelled)
                gate.open()
                let status = try await first.status
                #expect(status == 200)
            }
            #expect(server.requests.allSatisfy { !$0.head.contains("/second") })
        }
    }

    @Test func `before it began sends nothing to wait for`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { server in
            try await withClient { client in
                let gate = Signal()
                let task = Task {
                    await gate.wait()
                    return try await failure(of: client, OutboundRequest(url: server.url()))
                }
                task.cancel()
                gate.fire()
                let error = try await task.value
                #expect(error == .cancelled)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Shutting a client down` {
    @Test func `ends calls in flight and in line, once each`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { server in
            try await withClient { client in
                let errors = try await withThrowingTaskGroup(of: OutboundError.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            try await failure(of: client, OutboundRequest(url: server.url()))
                        }
                    }
                    await server.arrived.wait(for: Limits.callbackConnections)
                    await client.shutdown()
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(errors == Array(repeating: .shutDown, count: 40))
                await server.ended.wait(for: Limits.callbackConnections)
            }
        }
    }

    @Test func `is final, and may be asked for twice`() async throws {
        try await withServer { server in
            try await withClient { client in
                async let once: Void = client.shutdown()
                async let twice: Void = client.shutdown()
                _ = await (once, twice)
                let error = try await failure(of: client, OutboundRequest(url: server.url()))
                #expect(error == .shutDown)
            }
            #expect(server.accepted.count == 0)
        }
    }
}
