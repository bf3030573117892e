/// Tests of the client programs, and stand-ins for those programs.
@NullMarked
package org.svcshare.client;

import org.jspecify.annotations.NullMarked;
