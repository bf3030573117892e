package org.svcshare.proxy;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Looks names up as the JDK does, on virtual threads: that may take long, and no event loop waits.
final class VirtualResolver extends AddressResolverGroup<InetSocketAddress> {
    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new Names(executor).asAddressResolver();
    }

    private static final class Names extends InetNameResolver {
        Names(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> found) {
            Thread.ofVirtual()
                    .name("replica name")
                    .start(() -> {
                        try {
                            found.setSuccess(InetAddress.getByName(host));
                        } catch (UnknownHostException e) {
                            found.setFailure(e);
                        }
                    });
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> found) {
            Thread.ofVirtual()
                    .name("replica name")
                    .start(() -> {
                        try {
                            found.setSuccess(List.of(InetAddress.getAllByName(host)));
                        } catch (UnknownHostException e) {
                            found.setFailure(e);
                        }
                    });
        }
    }
}
