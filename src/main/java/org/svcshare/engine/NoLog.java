package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/// Keeps nothing: a restart forgets every lock.
final class NoLog implements BatchLog {
    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public Optional<ByteBuffer> image() {
        return Optional.empty();
    }

    @Override
    public void replay(Consumer<ByteBuffer> each) {}

    @Override
    public void append(ByteBuffer batch) {}

    @Override
    public boolean wantsImage() {
        return false;
    }

    @Override
    public void image(byte[] table) {}

    @Override
    public void finish(byte[] table) {}

    @Override
    public void close() {}
}
