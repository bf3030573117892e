package org.svcshare.web;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.svcshare.config.Loopback;

/// Under which names this server may be asked: a web page whose own name was made to point here
/// (DNS rebinding) sends that name as `Host`.
///
/// An address cannot be made to point anywhere, so every address is fine.
final class HostNames {
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

    private final Set<String> names;

    HostNames(String listenHost, List<String> more) {
        names = new HashSet<>(more);
        names.add(listenHost.toLowerCase(Locale.ROOT));
    }

    boolean allow(String hostHeader) {
        String host = withoutPort(hostHeader.strip().toLowerCase(Locale.ROOT));
        return names.contains("*")
                || names.contains(host)
                || Loopback.is(host)
                || ADDRESS.matcher(host).matches();
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
