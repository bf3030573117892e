/// Tells the outside what happened: programs, webhooks, the reporter of svcshare 0.3.
@NullMarked
package org.svcshare.hook;

import org.jspecify.annotations.NullMarked;
