package org.svcshare.config;

import java.util.Locale;

/// Which hosts are this machine itself, told by the name alone.
public final class Loopback {
    private Loopback() {}

    public static boolean is(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("::1")
                || name.matches("127(\\.\\d{1,3}){3}");
    }
}
