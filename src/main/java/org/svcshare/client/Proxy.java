package org.svcshare.client;

import java.util.List;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.turn.QueueSnapshot;

/// No client program at all: only the gate opens and closes.
final class Proxy implements ClientProgram {

    @Override
    public Probe probe() {
        return new Probe("proxy", "");
    }

    @Override
    public QueueSnapshot snapshot() {
        return QueueSnapshot.EMPTY;
    }

    @Override
    public void pause() throws ClientException {
        throw new ClientException(
                Kind.UNSUPPORTED, "there is no client program to pause (client.type is proxy)");
    }

    /// Nothing was stopped, so there is nothing to wake.
    @Override
    public void resume() {}

    @Override
    public List<String> enqueue(List<String> ids) throws ClientException {
        throw new ClientException(
                Kind.UNSUPPORTED, "there is no client program to load it (client.type is proxy)");
    }

    @Override
    public void limit(long bytesPerSecond) throws ClientException {
        throw new ClientException(
                Kind.UNSUPPORTED, "there is no client program to limit (client.type is proxy)");
    }

    @Override
    public boolean asked() {
        return false;
    }

    @Override
    public void close() {}
}
