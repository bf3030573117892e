package org.svcshare.ircd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Cuts a connection's bytes into lines; CR, LF and both end one. Keeps at most one line's limit of
/// bytes, whatever is sent.
final class FrameDecoder extends ByteToMessageDecoder {
    private static final int MOST_BYTES = Wire.TAG_BYTES + Wire.BODY_BYTES;

    /// Dropped bytes of one line after which the connection is not worth keeping.
    private static final int ENDLESS_BYTES = 64 * 1024;

    private int droppedBytes;
    private boolean endless;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> frames) {
        if (endless) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int end = in.forEachByte(ByteProcessor.FIND_CRLF);
        if (end < 0) {
            keepOrDrop(in, frames);
            return;
        }
        int length = end - in.readerIndex();
        if (droppedBytes > 0) {
            in.skipBytes(length + 1);
            droppedBytes = 0;
            frames.add(new Frame.TooLong());
            return;
        }
        String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        in.skipBytes(length + 1);
        if (!line.isEmpty()) {
            frames.add(fits(line) ? new Frame.Line(line) : new Frame.TooLong());
        }
    }

    private void keepOrDrop(ByteBuf in, List<Object> frames) {
        if (droppedBytes == 0 && in.readableBytes() <= MOST_BYTES) {
            return;
        }
        droppedBytes += in.readableBytes();
        in.skipBytes(in.readableBytes());
        if (droppedBytes > ENDLESS_BYTES) {
            endless = true;
            frames.add(new Frame.Endless());
        }
    }

    /// Tags and the rest have a limit each (IRCv3 message-tags, "Size limit").
    private static boolean fits(String line) {
        int tagBytes = line.startsWith("@") ? line.indexOf(' ') + 1 : 0;
        return tagBytes <= Wire.TAG_BYTES && line.length() - tagBytes <= Wire.BODY_BYTES;
    }
}
