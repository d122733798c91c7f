package import HummingbirdCore

/// How the pipeline behind the front is made, once the application's responder is known.
package struct FrontBase<Channel: ServerChildChannel>: Sendable {
    let build: @Sendable (@escaping HTTPChannelHandler.Responder) throws -> Channel

    package init(
        _ build: @escaping @Sendable (@escaping HTTPChannelHandler.Responder) throws -> Channel
    ) {
        self.build = build
    }
}

extension FrontBase where Channel == HTTP1Channel {
    /// Hummingbird's HTTP/1.1.
    package static func http1(
        configuration: HTTP1Channel.Configuration = .init()
    ) -> FrontBase<HTTP1Channel> {
        FrontBase { HTTP1Channel(responder: $0, configuration: configuration) }
    }
}

extension HTTPServerBuilder {
    /// Answers hot routes ahead of a pipeline, on the same port.
    ///
    /// ```swift
    /// Application(
    ///     router: router,
    ///     server: .front(base: .http1(), routes: routes, responder: checks)
    /// )
    /// ```
    package static func front<Channel: ServerChildChannel>(
        base: FrontBase<Channel>,
        routes: [HotRoute],
        responder: any HotResponder,
        configuration: FrontConfiguration = FrontConfiguration()
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { application in
            FrontChannel(
                base: try base.build(application),
                routes: routes,
                responder: responder,
                configuration: configuration
            )
        }
    }
}
