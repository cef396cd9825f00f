"""SIP messages of calls for a Homer server, by HEP3 (https://github.com/sipcapture/HEP)."""
