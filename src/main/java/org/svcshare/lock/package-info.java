/// The client of the HTTP API: takes, renews and gives back locks of one or several servers, and
/// asks for whatever else they have.
@NullMarked
package org.svcshare.lock;

import org.jspecify.annotations.NullMarked;
