import NIOCore
import NIOEmbedded

/// Counts the reads that reach the socket.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    static func added(to front: EmbeddedFront) throws -> ReadCounter {
        let counter = ReadCounter()
        try front.channel.pipeline.syncOperations.addHandler(counter, position: .first)
        return counter
    }

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

/// A socket whose buffer is full after each write, as it may be for a client that does not read.
final class FillingHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var becomesWritableOnFlush = false
    private(set) var events: [String] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        events.append("write")
        context.write(data, promise: promise)
        setWritable(false, context: context)
    }

    func flush(context: ChannelHandlerContext) {
        events.append("flush")
        context.flush()
        if becomesWritableOnFlush { setWritable(true, context: context) }
    }

    private func setWritable(_ isWritable: Bool, context: ChannelHandlerContext) {
        (context.channel as? EmbeddedChannel)?.isWritable = isWritable
        events.append(isWritable ? "writable" : "unwritable")
        context.fireChannelWritabilityChanged()
    }
}

/// A socket that takes bytes, and tells that they are written only when it is let.
final class WriteHolder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var held: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let promise { held.append(promise) }
        context.write(data, promise: nil)
    }

    func release() {
        for promise in held { promise.succeed() }
        held = []
    }

    func handlerRemoved(context: ChannelHandlerContext) { release() }
}
