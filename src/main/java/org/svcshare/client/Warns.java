package org.svcshare.client;

import java.util.List;

/// A program that knows of trouble which its queue does not show.
interface Warns {
    List<String> warnings() throws ClientException, InterruptedException;
}
