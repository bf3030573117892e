package org.svcshare.engine;

import java.net.InetSocketAddress;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.MemcachedClientStateListener;

/// Tells that a client of memcached has lost its connection, on the library's thread.
record DisconnectListener(Runnable lost) implements MemcachedClientStateListener {
    @Override
    public void onDisconnected(MemcachedClient client, InetSocketAddress address) {
        lost.run();
    }

    @Override
    public void onStarted(MemcachedClient client) {}

    @Override
    public void onShutDown(MemcachedClient client) {}

    @Override
    public void onConnected(MemcachedClient client, InetSocketAddress address) {}

    @Override
    public void onException(MemcachedClient client, Throwable thrown) {}
}
