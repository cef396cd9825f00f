"""[sans-IO] From a call's outcome to LiveVox's REST steps, each one idempotent by looking first.

A driver makes a WrapUp from a Plan and then, for as long as it is not over:

    step = wrap_up.next(now)
    step is None         → wait until wrap_up.deadline, for the step in flight, or for an event; then ask again
    step is a Request    → perform it once (bridge.calls.wrapup_requests), then wrap_up.done(step, answer, now)
                           or wrap_up.failed(step, Failure.of(error), now)
    step is a Notice     → pass it on, then at once wrap_up.done(step, None, now)

One step is in flight at a time. Events are said whenever they happen: customer_gone, customer_lost, bot_gone.
HangUpCustomer asks the driver for a BYE; its effect comes back as customer_gone. The last step is Finished, or
ReturnToBot when the call goes on with the bot; such a call needs a new WrapUp at its end.

What is kept, whatever fails:
- A term code is sent only when the status, read just before, shows our transaction; another transaction on the line
  means that our call is over, and nothing is sent. One call never gets two codes: after one may have reached LiveVox,
  only the same one is sent again, and only while the status still shows our call waiting for it.
- A transfer is ordered again only when the status shows that the first order had no effect.
- The customer is never left with nobody: our leg ends before Finished, and in good time even when LiveVox does not
  answer; a conference that has the customer is only ever left, never ended.
- A service that has neither the term code meant nor the default gets none: LiveVox writes down its own neutral default
  when the agent is freed, and the result says unconfirmed. Any other code would say something that did not happen.
"""

from bridge.wrapup.plan import Before, CallIds, CustomerLeg, Disposition, EndCallBy, Limits, OrderGiven, Plan
from bridge.wrapup.states import WrapUpState
from bridge.wrapup.steps import (
    Answer,
    Confirmation,
    EndCall,
    Failure,
    Finished,
    HangUpCustomer,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    ListTermCodes,
    Notice,
    ReadStatus,
    ReadyAgent,
    Reconnect,
    Request,
    ReturnToBot,
    SetTermCode,
    StartTransfer,
    Step,
    TransferFailed,
    TransferSucceeded,
    TransferUnderWay,
)
from bridge.wrapup.wrapup import WrapUp

__all__ = [
    "Answer",
    "Before",
    "CallIds",
    "Confirmation",
    "CustomerLeg",
    "Disposition",
    "EndCall",
    "EndCallBy",
    "Failure",
    "Finished",
    "HangUpCustomer",
    "JoinCustomer",
    "LeaveConference",
    "Limits",
    "ListPhonebook",
    "ListTermCodes",
    "Notice",
    "OrderGiven",
    "Plan",
    "ReadStatus",
    "ReadyAgent",
    "Reconnect",
    "Request",
    "ReturnToBot",
    "SetTermCode",
    "StartTransfer",
    "Step",
    "TransferFailed",
    "TransferSucceeded",
    "TransferUnderWay",
    "WrapUp",
    "WrapUpState",
]
