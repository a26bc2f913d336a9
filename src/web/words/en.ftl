# The interface in English. Sections go by page; `src/web/words/tests.rs` says what both files must have in common.

## Every page

product = Backchannel
skip = Skip to content
search-tickets = Search tickets, conversations and articles
search-hint = Search
sign-in = Sign in
sign-out = Sign out
to-inbox = Go to the inbox
inbox = Inbox
no-subject = No subject
being-read = Being read
keys = Keyboard shortcuts
keys-everywhere = Everywhere
keys-ticket = Ticket
keys-show = Show this map
keys-search = Search
keys-waiting = Go to what waits for you
keys-inbox = Go to the inbox
keys-knowledge = Go to the knowledge base
keys-people = Go to the people
keys-next = Next ticket
keys-previous = Previous ticket
keys-open = Open the ticket
keys-reply = Write a reply
keys-note = Write an internal note
keys-side = Write a side conversation
keys-ask = Ask about the ticket
keys-back = Back to the inbox
keys-on = Use these keys
keys-close = Close
switch-language = Language
switch-theme = Theme
theme-system = As the system says
theme-light = Light
theme-dark = Dark

## Inbox

inbox-caption = Tickets, newest first
inbox-caption-urgency = Tickets, most urgent first
inbox-order = Order
inbox-order-newest = Newest first
inbox-order-urgency = Most urgent first
inbox-filter-status = Filter by status
inbox-filter-group = Filter by group
inbox-every-status = All
inbox-every-group = All groups
inbox-column-ticket = Ticket
inbox-column-status = Status
inbox-column-intent = Intent
inbox-column-sentiment = Feeling
inbox-column-priority = Priority
inbox-column-group = Group
inbox-column-language = Language
inbox-column-age = Age
views = Your views
view-keep = Keep this view
view-name = Name of the view
view-go = Keep
view-remove = Remove this view
inbox-unclear = Needs a person
inbox-choose = Choose { $reference }
inbox-correct = Correct the chosen tickets
inbox-corrected =
    { $of ->
        [one] { $count } of { $of } ticket was corrected.
       *[other] { $count } of { $of } tickets were corrected.
    }
inbox-pending =
    { $count ->
        [one] One ticket is still being read in.
       *[other] { $count } tickets are still being read in.
    }
inbox-refresh = Refresh
inbox-of-intent = Tickets about “{ $intent }”.
inbox-every-intent = All intents
inbox-found = Tickets that match “{ $text }”.
inbox-clear-search = Clear the search
inbox-pages = Pages
inbox-newest = Newest
inbox-older = Older tickets
inbox-no-match = No ticket matches
inbox-no-match-help = Try fewer words, another status or another group.
inbox-show-all = Show all tickets
inbox-on-the-way = Your tickets are on their way
inbox-on-the-way-help = They appear here as soon as the first ones have been read.
inbox-empty = No tickets yet
inbox-empty-help = Tickets appear here as soon as they arrive. There are three ways to bring some in:
inbox-way-file = From a file
inbox-way-api = Over the API
inbox-way-demo = With a made-up company

## Search

search = Search
search-for = Results for “{ $text }”
search-results = Results
search-count =
    { $count ->
        [one] 1 result
       *[other] { $count } results
    }
search-by-words = Tickets with all these words
search-no-ticket = No ticket has all of them.
search-newest =
    { $count ->
        [one] Only the newest is shown.
       *[other] Only the newest { $count } are shown.
    }
search-in-inbox = Show them in the inbox
search-near = Closest in words and meaning
search-list = Filter this list for “{ $text }”
search-all = Show all results for “{ $text }”
search-enter = Enter
search-everything = Search everything, by meaning too
search-failed = The search does not answer. Press Enter to try it on a page of its own.
search-partial = Articles and conversations could not be searched just now; tickets could.
search-again = Try again
search-empty = What are you looking for?
search-empty-help = Tickets, comments, side conversations, files and articles are found by their words and by what they mean, with or without accents.
search-none = Nothing was found
search-none-help = Try fewer words, or others for the same matter.
search-marks-help = Words within quotation marks stay together. Order, parcel and invoice numbers are found wherever they were written.
found-passage = Article
found-ticket = Ticket
found-comment = Comment
found-message = Side conversation
found-attachment = File
found-person = Person

## Incidents

incidents = Incidents
incidents-help = Many customers wrote the like within a few hours, and more than usual. Later tickets join, until none came for a day.
incidents-empty = No incident so far
incidents-empty-help = Here would be bursts of like tickets: what happened, since when, and how fast it grows.
incidents-all = All incidents
incident-growing = Growing
incident-quiet = Quiet
incident-over = Over
incident-unnamed = Like tickets
incident-tickets =
    { $count ->
        [one] 1 ticket
       *[other] { $count } tickets
    }
incident-first = First ticket
incident-last = Last ticket
incident-rate = { $rate } an hour
incident-growth = Growth
incident-its-tickets = Its tickets
incident-notice =
    { $count ->
        [one] An incident is growing: 1 ticket since { $since }
       *[other] An incident is growing: { $count } tickets since { $since }
    }
incident-look = Look at it

## Waiting for you

waiting = Waiting for you
waiting-all = Everything that waits
waiting-whose = Whose
waiting-mine = Yours
waiting-everybodys = Everybody’s
waiting-nobodys = You have no tickets and no teams of your own. This is what nobody has yet.
waiting-loose-ends = Side conversations left hanging
waiting-unanswered = Customers who wait for an answer
waiting-assigned = with { $name }
waiting-unassigned = with nobody
waiting-more =
    { $count ->
        [one] And 1 more.
       *[other] And { $count } more.
    }
waiting-more-open =
    { $count ->
        [0] There may be more.
        [one] And at least 1 more.
       *[other] And at least { $count } more.
    }
waiting-show-more = Show more
waiting-empty = Nothing waits for you
waiting-empty-all = Nothing waits
waiting-empty-help = Here would be answers that the customer has not been told, side conversations in which nobody answers, those still open on a solved ticket, and tickets on which the customer wrote last.
waiting-show-all = Show what waits for everybody

## Ticket: head, conversation, composer

ticket-neighbours = Tickets in this list
ticket-show = Show
ticket-conversation = Conversation
ticket-suggestions = Suggestions
ticket-assigned = Assigned to { $name }
said-customer = Customer
said-agent = Public reply
said-note = Internal note
talk-quoted = Quoted text
talk-signature = Signature
talk-side-conversation = Side conversation
talk-with = With { $people }
talk-to-answer = To the answer
talk-to-unread = To the first unread
talk-to-newest = To the newest
talk-find = Search in this side conversation
talk-messages =
    { $count ->
        [one] 1 message
       *[other] { $count } messages
    }
leaving-queued = Waits to be sent
leaving-sending = Being sent
leaving-sent = Sent
leaving-refused = Not sent
leaving-unknown =
    { $by ->
        [slack] May have been sent: the line broke before Slack answered
        [teams] May have been sent: Teams does not say whether it has it
       *[other] May have been sent: the line broke before the mail server answered
    }
leaving-next = next try
leaving-missed = Not to { $name }
leaving-again = Send again
leaving-was-sent = It was sent
leaving-server-away =
    { $by ->
        [slack] Slack cannot be reached
        [teams] Teams cannot be reached
       *[other] the mail server cannot be reached
    }
leaving-server-busy =
    { $by ->
        [slack] Slack asks to try later
        [teams] Teams asks to try later
       *[other] the mail server asks to try later
    }
leaving-login-refused =
    { $by ->
        [slack] Slack does not let this installation in
        [teams] Teams does not let this installation in
       *[other] the mail server does not let this installation in
    }
leaving-sender-refused = the mail server takes no mail from the desk’s address
leaving-no-workspace = there are several workspaces, and the mail is set up for none of them
leaving-no-trust = the certificate of the mail server is not trusted
leaving-mailbox-unknown = mailbox unknown
leaving-mailbox-full = mailbox full
leaving-not-allowed =
    { $by ->
        [slack] Slack does not allow it
        [teams] Teams does not allow it
       *[other] refused by the recipient’s rules
    }
leaving-too-large = too large
leaving-rejected =
    { $by ->
        [slack] refused by Slack
        [teams] refused by Teams
       *[other] refused by the mail server
    }
leaving-broke-off = the line broke
leaving-gave-up = tried for three days
leaving-unfit = an address or a file cannot be sent
leaving-channel-unknown = there is no such channel, or nothing leads there
leaving-not-in-channel = the app is not in the channel: invite it there
leaving-channel-archived = the channel is archived
leaving-person-unknown = nobody there has this address
leaving-files-left = The files of this mail ({ $size }) stayed in the mailbox.
leaving-files-there =
    { $by ->
        [teams] Files that stayed in Teams:
       *[other] Files that stayed in Slack:
    }
held-stranger = does not take part
held-of-the-desk = claims to be of the desk, which anybody who was asked could write
held-several-senders = names several senders
held-forged = the desk’s mail server says that the sender is not who it claims to be
held-unread = the text could not be read; let in, the whole mail becomes a file
held-too-many = one of too many in a short time
held-machine = written by a machine
held-undelivered = says that a message did not arrive
held-accept = Let in
held-drop = Drop
automatic-answer = Automatic answer for { $name }
talk-whole = Show the whole text
talk-latest = Show the latest messages
talk-earlier =
    { $count ->
        [one] Show 1 earlier message
       *[other] Show { $count } earlier messages
    }
files = Files
file-waiting = being read
file-searchable = searchable
file-refused = could not be read
file-claims = Called { $kind }, and is not: save it only if you expect it.
file-pick = Attach files
file-limit = At most { $size } each. Drop them here, too.
file-cancel = Cancel
file-remove = Remove
file-uploaded = uploaded
file-too-large = larger than { $size }
file-failed = did not arrive: try again
write = Write
write-kind = Who will read it
write-reply = Reply
write-note = Internal note
write-body = Text
write-hint = Write here, or start from a suggestion
write-reply-help = For the customer. Kept here: nothing is delivered yet.
write-note-help = Only colleagues will read this.
write-then = The ticket is then
write-send = Reply
write-add = Add the note
live-on = Live
live-off = Reconnecting…
live-changed = There are new suggestions.
live-show = Show them
live-failed = The suggestions could not be refreshed. Reload the page to try again.

## Ticket: the panel's parts

panel-jumps = Parts of the suggestions
jump-next-step = Next
jump-reply = Reply
jump-passages = Articles
jump-similar = Similar
jump-people = People
jump-draft = Side conversation
jump-loose-ends = Loose ends
panel-why = Why:
panel-closest = Closest:
panel-made = Prepared
panel-preparing = Reading the ticket and looking for answers…
panel-preparing-noscript = Reload this page in a few seconds.
panel-behind = What this rests on has changed: it is being made again.
cite = Source { $number }, { $title }
cite-quote = { $title }: “{ $quote }”
thumb-up = Helpful
thumb-up-for = Helpful: { $what }
thumb-down = Not helpful
thumb-down-for = Not helpful: { $what }
thumb-thanks = Noted
thumb-failed = Not saved. Try again.
aside = Set aside
aside-for = Set aside: { $what }
aside-hours = For four hours
aside-day = For a day
aside-week = For a week
aside-good = For good
aside-is = Set aside
aside-until = Set aside until
aside-back = Bring back
aside-back-for = Bring back: { $what }

customer = Customer
# A date follows.
customer-since = Customer since
customer-prefers = Prefers { $language }
customer-orders = Orders
customer-earlier-orders =
    { $count ->
        [one] 1 earlier order
       *[other] { $count } earlier orders
    }
customer-other-tickets =
    { $count ->
        [one] 1 other ticket
       *[other] { $count } other tickets
    }

triage = Triage
triage-intent = Intent
triage-also = Also about
triage-sentiment = Feeling
triage-urgency = Urgency
triage-language = Language
triage-priority = Priority
triage-priority-guess = as set; suggested: { $priority }
triage-route = Route
route-rule = By rule: { $because }
route-head = Learned from { $because }
route-person = Corrected by { $because }
triage-tags = Tags
triage-entities = Found in the text
entity-check-right = check digit is right
entity-check-wrong = check digit is wrong
entity-other-order = not among this customer’s orders
entity-personal = personal: hidden in the index and the logs
triage-duplicates = May repeat
triage-incident = Incident
incident-part-of =
    { $count ->
        [one] Part of an incident: 1 ticket since { $since }
       *[other] Part of an incident: { $count } tickets since { $since }
    }
incident-part-of-past =
    { $count ->
        [one] Was part of an incident: 1 ticket from { $since } to { $until }
       *[other] Was part of an incident: { $count } tickets from { $since } to { $until }
    }
incident-last-hour =
    { $count ->
        [0] none in the last hour
        [one] 1 in the last hour
       *[other] { $count } in the last hour
    }
duplicate-of = Duplicate of
duplicate-of-help = The reference of another ticket, such as T-1004.
duplicate-go = Say so
duplicate-not = Not the same
duplicate-not-for = { $reference } is not the same
duplicate-said = { $name } said so on { $day }
duplicate-denied = { $reference } is not the same, as { $name } said on { $day }
duplicate-take-back = Take back
duplicate-take-back-for = Take back what was said of { $reference }
why = Why?
why-neighbour = { $title }: “{ $quote }”
why-against = against: { $word }
why-topic-text = Reading
why-topic-intent = Intent
why-topic-rules = Rules
why-topic-route = Route
why-topic-priority = Priority
why-topic-mood = Sentiment and urgency
why-topic-duplicates = Duplicates
why-topic-incident = Incident
probability = Probability
probability-none = not yet calibrated
correct = Correct
correct-keep = Leave as it is
correct-out-of-scope = Out of scope
correct-go = Correct
correct-take-back = Take the correction back
corrected = Corrected by { $name } on { $day }

next-step = Next step
next-step-done = Nothing: this ticket is solved.
summary = Summary
threads = Side conversations
thread-asked = Asked
thread-answered = Answered
thread-decided = Decided
thread-promised = Promised
thread-due = by { $day }
thread-open = Open
thread-tell = To tell the customer
thread-facts = Named
thread-withdrawn = Taken back
thread-rest = More of it
thread-also = Also
thread-waiting-on = Waiting on { $name }
# A date follows.
since = since

reply-draft = Reply draft
draft-copy = Copy
draft-copied = Copied
draft-insert = Use as reply
draft-edit = Edit first
thread-draft = Side conversation to open
thread-draft-to = To
thread-draft-subject = Subject
thread-draft-body = Message
thread-context = Context from the ticket
thread-context-choose = Choose what goes along
thread-context-help = Quoted below the message. Payment data is left out, and where outsiders read it also e-mail addresses, telephone numbers and the customer’s name as it is known. Look through the rest: a postal address stays.
thread-draft-open = Open side conversation
thread-draft-own = Ask somebody yourself
thread-draft-channel = Channel

passages = From the knowledge base
passage-show-all = Show all
# A date follows.
similar-tickets = Similar tickets
similar-solved-by = Solved:
similar-threads = Already answered
experts = Who to ask
expert-outsider = outside the company
expert-open-threads =
    { $count ->
        [one] 1 open question
       *[other] { $count } open questions
    }
channel-usual-reply = Usually within { $time }
channel-expected-reply = Expected within { $time }
channel-threads =
    { $count ->
        [0] (no threads yet)
        [one] (from 1 thread)
       *[other] (from { $count } threads)
    }
loose-ends = Loose ends
loose-end-not-relayed = The customer does not know yet
loose-end-stalled = No answer yet
loose-end-child-solved = Child ticket solved, the customer still waits
loose-end-open-on-solved = Still open on a solved ticket
end-nudge = Reminder, ready to be sent
end-reply = Answer for the customer
end-close = A last word, ready to be sent
end-to = To
# Numbers of citations follow.
end-from = From
end-send = Send
sources = Sources

## Why, and what to look at: `src/domain/reason/english.rs` says the same to the API; a test compares them

quoted = “{ $text }”
reason-no-words = the ticket has no words that can be read: a person must look
reason-no-intents = the workspace has neither intents nor labelled tickets yet: add examples to intents.toml
reason-few-intents = too few examples of different intents: nothing can be told apart yet
reason-out-of-scope = it resembles tickets that were out of scope
reason-said-out-of-scope = { $name } said that it is out of scope
reason-not-calibrated = fewer than 30 labelled tickets: the probability cannot be calibrated yet
reason-no-likely-intent = no intent is likely enough: a person must look
reason-unfamiliar = it is unlike every labelled ticket: a person must look
reason-below-precision = no intent is likely enough for the { $percent } % precision that is asked for: a person must look
reason-no-article = no article is close enough to this ticket
reason-no-readable-article = no article that you may read is close enough to this ticket
reason-nobody-knows = nobody answered the like before, and no skill is close enough
reason-nobody-to-ask = who should be asked has been asked already, or has no channel
reason-solved-ticket = this ticket is solved
reason-other-step = another step comes first
reason-nobody-needed = the customer can be answered without asking anybody
reason-unclear-matter = it is not clear what this ticket is about
reason-no-customer-article = no article that customers may read answers this
reason-no-clear-article = articles that customers may read are near, but none answers this clearly enough for a draft
reason-read-again = the correction was taken back: the ticket is being read again
reason-no-readable-answer = no article that you may read answers this for the customer
reason-no-clear-step = nothing says clearly what to do next: a person must look
reason-no-readable-step = nothing that you may read says clearly what to do next: a person must look
reason-many-steps = tickets like this one were met in too many ways: a person must look
reason-held-out = held back on this ticket, to measure what earlier answers are worth

reason-in-common = both speak of { $words }
reason-near = near in meaning
reason-updated = { $about }; updated { $day }
reason-outdated = { $about }; older than the others: updated { $day }
reason-found-by-rule = found by the rule “{ $rule }”; updated { $day }
reason-solved-on = { $about }; solved { $day }
reason-solved = { $about }; solved
reason-thread-answered = { $name } answered on { $day }
reason-answered =
    { $more ->
        [0] answered { $reference } on { $day }
       *[other] answered { $reference } on { $day } and { $more } more
    }
reason-both = { $one }; { $other }
reason-usually = answered { $answered } of { $of } side conversations about “{ $about }”
reason-knows = knows { $skills }
reason-answers-there = { $name } answers there
reason-goes-to = to { $name }, who { $because }
reason-made-of = from { $titles }

reason-answer-known = { $name } has answered and the customer does not know it yet.
reason-asked-back = { $reference } was asked back on { $day } and waits for { $name }.
reason-waits-for = { $reference } has waited for { $name } since { $day }.
reason-overdue = { $reference } has waited for { $name } since { $day }, longer than expected: remind them.
reason-answered-last = The customer was answered and has not written since.
reason-answered-already = the customer was answered and has not written since
reason-first-reply = The rule “{ $rule }” says what the customer must be told first.
reason-pass-on = { $name } has the answer: pass it on in your own words
reason-like-tickets =
    { $step ->
        [answer] Most tickets like this one were met by an answer.
        [act] Most tickets like this one were met by an action.
        [consult] Most tickets like this one were met by a side conversation.
        [ask_customer] Most tickets like this one were met by a question to the customer.
        [note] Most tickets like this one were met by an internal note.
       *[wait] Most tickets like this one were met by waiting.
    }
reason-missing = The customer has not named what this matter needs: { $kinds }.
reason-wrong-check-digit = The { $kind } “{ $text }” cannot be right: its check digit is wrong.
reason-answered-before = { $name } has already answered the like in an earlier side conversation.
reason-article-answers = “{ $title }” answers it.
reason-articles-unclear = The articles found may not answer it; { $name } is worth asking: { $because }.
reason-no-article-answers = No article for customers answers it; { $name } is worth asking: { $because }.

reason-answer-not-told = { $name } answered in { $reference } on { $day }, and the customer has not been told.
reason-stalled = { $reference } has waited for { $name } since { $day }; an answer there is expected within { $time }.
reason-stalled-usual = { $reference } has waited for { $name } since { $day }; an answer there usually took { $time }, in { $count } earlier side conversations.
reason-child-solved = { $reference } was solved on { $day } without an answer, and the customer still waits.
reason-open-on-solved = { $ticket } is solved, but { $reference } is still open.

reason-left-out = left out: { $kinds }
reason-left-out-outside = left out because somebody outside the company reads it: { $kinds }
reason-outsider-reads = somebody outside the company reads this: check that every sentence may be shared
reason-other-language = the customer writes in { $theirs }, the recipients read { $read }
reason-no-question = no question was found in the ticket: write what you need to know
reason-contradicted = { $older }; the newer { $newer } and is used
reason-stated = “{ $title }” of { $day } says “{ $text }”
reason-untranslated =
    { $count ->
        [one] { $count } of { $of } sentences is not in the language of the customer and must be translated
       *[other] { $count } of { $of } sentences are not in the language of the customer and must be translated
    }
reason-leaves-open = this leaves open: { $questions }
reason-forbidden = the tone of the playbook forbids “{ $words }”
reason-must-not-be-sent = the { $kind } “{ $text }” must not be sent to anybody
reason-must-not-leave = the { $kind } “{ $text }” must not be sent outside the company
reason-name-would-leave = the name of the customer would leave the company
reason-note-would-leave = these are words of an internal note
reason-thread-would-leave = these are words of the side conversation { $reference }, which they are not in
reason-article-would-leave = these are words of “{ $title }”, which they may not read
reason-other-customer-would-leave = this is another customer’s: { $reference }
reason-other-customer-named = “{ $text }” is another customer
reason-secret-would-leave = this looks like a password, a key or a code
reason-looks-like = “{ $address }” looks like an address of { $domain } and is none
reason-hidden-outsider = “{ $address }” is outside the company and gets a hidden copy
reason-nothing-asked = nothing is asked: say what is wanted, and by when
reason-vague-subject = the subject does not say what it is about
reason-many-recipients = it goes to { $count } people
reason-not-yours = the ticket is { $name }’s

## The account of a triage: `src/domain/why/english.rs` says the same to the API; a test compares them

why-words =
    { $count ->
        [one] 1 word
       *[other] { $count } words
    }
why-sentences =
    { $count ->
        [one] 1 sentence
       *[other] { $count } sentences
    }
why-hours =
    { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
why-customers =
    { $count ->
        [one] 1 customer wrote
       *[other] { $count } customers wrote
    }
why-like-tickets =
    { $count ->
        [one] 1 like ticket
       *[other] { $count } like tickets
    }
why-read = read { $words } in { $sentences }
why-read-nothing = there is nothing that can be read
why-left-out = left out { $words } of quoted mails, signatures and greetings
why-cut-short = read the beginning only: the text is very long
why-language-said = the language was sent with it: { $language }
why-language-found = its words say the language: { $language }
why-language-assumed = its words do not say the language; taken for { $language }
why-held = { $name } is likely enough: { $probability }, where { $least } is asked for
why-unlikely = { $name } came first and is not likely enough: { $probability }, where { $least } is asked for
why-near = { $name } came first; too few labels for a probability
why-beside = it is about { $name } too: { $probability }
why-also = considered { $name }: { $probability }
why-also-unknown = considered { $name }
why-out-of-scope = considered that it is none of the desk’s matters: { $probability }
why-out-of-scope-unknown = considered that it is none of the desk’s matters
why-no-intent = no intent: { $reason }
why-intent-said = { $name } said what it is about
why-rule-held = the rule “{ $rule }” holds
why-rule-nearly =
    { $condition ->
        [intent] the rule “{ $rule }” nearly held: it asks for the intent: { $wanted }
        [language] the rule “{ $rule }” nearly held: it asks for the language: { $wanted }
        [tier] the rule “{ $rule }” nearly held: it asks for the customer’s plan: { $wanted }
        [channel] the rule “{ $rule }” nearly held: it asks for the channel: { $wanted }
        [words] the rule “{ $rule }” nearly held: it asks for one of the words: { $wanted }
        [entity] the rule “{ $rule }” nearly held: it asks for a number or name of the kind: { $wanted }
       *[urgency] the rule “{ $rule }” nearly held: it asks for the urgency: { $wanted }
    }
why-no-rule = no rule holds
why-ruled = { $name }, by the rule “{ $rule }”
why-learned-least = { $name }, as learned: { $probability }, where { $least } is asked for
why-learned = { $name }, as learned: { $probability }
why-learned-unknown = { $name }, as learned
why-route-said = { $group }, as { $name } said
why-no-route = nothing says where it belongs
why-priority-usual = as usual: nothing says how soon it should be worked on
why-sentiment-learned = sentiment: { $name }, as learned: { $probability }
why-sentiment-learned-unknown = sentiment: { $name }, as learned
why-sentiment-read = sentiment: { $name }, by the words used
why-urgency-learned = urgency: { $name }, as learned: { $probability }
why-urgency-learned-unknown = urgency: { $name }, as learned
why-urgency-read = urgency: { $name }, by the words used
why-danger = it speaks of a danger, so it is critical
why-urgency-ruled = the rule “{ $rule }” calls it urgent, so it is critical
why-duplicate =
    { $by ->
        [order] { $reference } is on the same order and alike
        [customer] { $reference } is by the same customer and alike
        [text] { $reference } has nearly the same text
       *[person] { $reference } was said to be the same
    }
why-solved-before = { $reference } is by the same customer and alike, but was solved long before
why-far-apart = { $reference } is alike, but was written long before or after
why-duplicate-denied = { $name } said that { $reference } is not the same
why-no-duplicate = none among { $tickets }
why-incident-part =
    { $count ->
        [one] part of an incident of 1 ticket
       *[other] part of an incident of { $count } tickets
    }
why-incident-few = { $customers } the like within { $hours }; { $least } make an incident
why-incident-usual = { $customers } the like within { $hours }, where { $usual } are usual: no incident
why-incident-found = { $customers } the like within { $hours }, where { $usual } are usual: an incident

## Questions about a ticket

ask = Ask
ask-go = Ask
ask-question = A question about this ticket
ask-hint = What did { $name } say?
ask-hint-nobody = A question about this ticket
ask-busy = Reading…
ask-failed = Not answered. Try again.
ask-nothing = Nothing that was read answers this. Ask a colleague.
ask-read = Read for it: { $comments } · { $threads } · { $passages } · { $attachments }
ask-comments =
    { $count ->
        [one] 1 comment
       *[other] { $count } comments
    }
ask-threads =
    { $count ->
        [one] 1 side conversation
       *[other] { $count } side conversations
    }
ask-passages =
    { $count ->
        [one] 1 passage
       *[other] { $count } passages
    }
ask-attachments =
    { $count ->
        [one] 1 file
       *[other] { $count } files
    }

## Signing in and setting up

sign-in-hello = Welcome back
sign-in-confirm = You are about to sign in to Backchannel on this device.
sign-in-note = The link works once. If you did not ask for it, close this page; nothing has happened.
sign-in-used = This link was used already
sign-in-used-help = A link works once. If you chose a password with it, sign in below; if it was not you, tell an administrator.
sign-in-expired = This link is too old
sign-in-expired-help = It worked until { $day }. Ask for a new one, or sign in below if you have a password.
sign-in-unknown = There is no such link
sign-in-unknown-help = Perhaps its address was cut off: copy all of it from the message in which you got it. Or sign in below if you have a password.
sign-in-choose = Welcome, { $name }
sign-in-choose-help = Choose the password with which you sign in to { $workspace } from now on.
sign-in-reset = A new password
sign-in-reset-help = Choose another password for { $workspace }. The one before is forgotten.
sign-in-choose-go = Set the password and sign in
sign-in-choose-until = The link works once, until
sign-in-wrong = The address or the password is wrong.
sign-in-held =
    { $count ->
        [one] Too many wrong passwords in a row. Try again in a minute.
       *[other] Too many wrong passwords in a row. Try again in { $count } minutes.
    }
sign-in-needed = Sign in with your address and your password, or open the one-time link that you were sent on this device.
sign-in-new-link = An administrator of your workspace can send you a new link; on the server, “backchannel sign-in-link” prints one.
set-up = Set up
set-up-title = Welcome to Backchannel
set-up-help = Nobody has signed in here yet. You will be the first administrator.
set-up-name = Your name
set-up-email = Your e-mail address
set-up-workspace = Name of the workspace
set-up-workspace-help = Usually your company or your support team.
set-up-go = Create the workspace

## Directory and administration

sections = Sections
section-inbox = Inbox
section-waiting = Waiting
section-knowledge = Knowledge
places = Pages of this section
directory = Directory
administration = Administration
list-search = Search this list
list-search-go = Search
list-no-match = Nothing matches
list-no-match-help = Try fewer or other words.
list-show-all = Show all
list-first = First page
list-next = More
form-title = { $name }
form-save = Save
form-back = Back
form-edit = Edit
form-none = None
once-label = Shown only now
once-until = It works until
once-done = Done

people = People
people-add = Add a person
people-empty = Nobody is in the directory yet
people-empty-help = People who can be consulted appear here. Add one, import a list, or apply a playbook with a people.toml.
people-availability = Hours
people-playbook = Whoever stands in the playbook too is changed back by the next playbook that is applied; hours and absence stay.
people-delete = Remove this person
people-delete-help = They are suggested no more. What they wrote in side conversations stays.
person-away = Away until { $day }.
person-away-short = Away until { $day }
person-load = Load
person-open-threads =
    { $count ->
        [0] No open side conversation
        [one] 1 open side conversation
       *[other] { $count } open side conversations
    }
person-no-skills = Nothing was said about what they know. Add skills, so that they are found.
person-lately = What they answered lately
person-lately-none = They have not written in a side conversation yet.
teams = Teams
teams-add = Add a team
teams-empty = No teams yet
teams-empty-help = A team groups the people who know about one thing. Add one, import a list, or apply a playbook.
teams-where = Where
teams-inside = In the company
teams-outside = Outside the company
teams-people =
    { $count ->
        [one] 1 person
       *[other] { $count } people
    }
teams-delete = Remove this team
teams-delete-help = Only a team that no person, channel or user names can be removed.
channels = Channels
channels-add = Add a channel
channels-empty = No channels yet
channels-empty-help = A channel is where a team is asked: in Slack, by e-mail, in a queue. Add one, import a list, or apply a playbook.
channels-delete = Remove this channel
channels-delete-help = It is suggested no more. Side conversations that went there stay.
customers = Customers
customers-add = Add a customer
customers-empty = No customers yet
customers-empty-help = Customers appear here with their first ticket. You can also add one or import a list.
customers-since = Customer since
customers-orders =
    { $count ->
        [0] None
        [one] 1 order
       *[other] { $count } orders
    }
customers-no-orders = No order is known. They come over the API or with an imported list.
customers-tickets = Tickets
customers-no-tickets = They have not written yet.
customers-delete = Remove this customer
customers-delete-help = Only a customer without tickets can be removed.

users = Users
users-add = Invite somebody
users-add-help = You get a link to pass on. It works once: whoever follows it chooses a password.
users-invite = Invite
users-empty = Nobody signs in yet
users-empty-help = Invite the first colleague.
users-state = Signs in
users-signed-in = Last seen
users-disabled = Disabled
users-invited-state = Invited
users-with-password = With a password
users-with-links = With links
users-valid =
    { $count ->
        [one] For 1 day
       *[other] For { $count } days
    }
users-invited = { $name } is invited
users-was-reset = A new link for { $name }
users-link-help = Pass this link on. It works once and is shown only now; Backchannel sends nothing itself.
users-reset = Give a new link
users-reset-help = Their password is forgotten and they are signed out everywhere. You get a link with which they choose another.
users-disable = Disable
users-disable-help = They are signed out everywhere and cannot sign in until they are enabled again. Nothing they wrote is lost.
users-enable = Enable
users-enable-help = They can sign in again as before.
users-own-role = Another administrator changes your role.
users-read-only = An administrator can change this.
users-is-disabled = Disabled: cannot sign in.
users-is-invited = Invited: has not followed the link yet.
users-never = Has never signed in.
users-has-password = Signs in with a password.
users-has-links = Signs in with one-time links.
role-explained = { $role }: { $help }
role-light-help = reads
role-agent-help = reads and writes on tickets
role-approver-help = an agent who also approves
role-admin-help = everything, with users and tokens
role-auditor-help = reads everything, with the audit trail
role-service-help = for programs: tickets and the directory

tokens = Tokens
tokens-add = Make a token
tokens-add-help = A program sends it with every call. Give it no more than it needs.
tokens-make = Make the token
tokens-empty = No tokens yet
tokens-empty-help = Programs that call the API need one.
tokens-made-by = Made by
tokens-by-token = Another token
tokens-made = Made
tokens-used = Last used
tokens-never = Never
tokens-state = State
tokens-in-force = In force
tokens-revoked = Revoked
tokens-revoke = Revoke
tokens-revoke-help = Programs that use it are refused from now on. This cannot be undone.
tokens-created = The token “{ $name }”
tokens-secret-help = Copy it to where it is needed. It is shown only now: Backchannel keeps nothing that it could be read from.

webhooks = Webhooks
webhooks-add = Make a webhook
webhooks-add-help = A program of yours is told at its address whenever one of these events happens.
webhooks-make = Make the webhook
webhooks-empty = No webhooks yet
webhooks-empty-help = A webhook tells a program of yours what happens here, so that it need not ask.
webhooks-url = Address
webhooks-url-help = It begins with https:// and leads to the internet, unless the operator allows a network of your own.
webhooks-events = Events
webhooks-description = What it is for
webhooks-is-enabled = Enabled
webhooks-is-failing = Failing
webhooks-is-disabled = Disabled
webhooks-well = Enabled: messages are sent as things happen.
webhooks-failing = Failing: what is not taken is tried again, up to ten times in about three days.
webhooks-gone = Disabled: the receiver answered that it wants no more messages.
webhooks-failed = Disabled: every attempt of five days failed.
webhooks-created = The secret of “{ $name }”
webhooks-rotated = The new secret of “{ $name }”
webhooks-secret-help = Copy it to the program that receives the messages: it verifies their signatures with it. It is shown only now.
webhooks-messages = The last messages
webhooks-messages-none = Nothing was sent yet.
webhooks-what = Message
webhooks-attempts = Attempts
webhooks-answer = Last answer
webhooks-next = Next attempt
webhooks-waits = Waits
webhooks-delivered = Delivered
webhooks-given-up = Given up
webhooks-replay = Send again
webhooks-ping = Send a test message
webhooks-ping-help = It tells nothing, and shows whether messages arrive.
webhooks-enable = Enable
webhooks-enable-help = What happened meanwhile is not told. What was given up can be sent again.
webhooks-rotate = Make a new secret
webhooks-rotate-help = For a day messages carry two signatures, with the new secret and with the one before.
webhooks-delete = Remove
webhooks-delete-help = Its messages are removed with it, and what was not sent yet never is.

learning = Learning
learning-none = Nothing is learned yet: two intents are needed in the playbook, one of them with two examples, or labelled tickets.
learning-answers = Version { $version } answers; it learned from { $texts } texts.
learning-held = chosen by hand
learning-heads = How good it is
learning-heads-help = On tickets it did not see: each is judged by heads that were learned without a fifth of them.
learning-head = Head
learning-classes = { $classes } classes
learning-right = Right
learning-f1 = Macro F1
learning-ece = Calibration error
head-intent = Intent
head-route = Route
head-next-step = Next step
head-priority = Priority
head-sentiment = Sentiment
head-urgency = Urgency
learning-thresholds = What may be decided without a person
learning-precision = Precision
learning-show = Show
learning-no-head = This head could not be learned: too few tickets are labelled.
learning-expected = Expected
learning-sure = Sure (nine times out of ten)
learning-controlled = Of all tickets
learning-no-threshold = no threshold keeps it: leave these decisions to people, or label more tickets
learning-threshold = from { $least } on: { $coverage } of the tickets, { $precision } of them right
learning-curve = Precision against the share of tickets decided without a person
learning-all = all tickets
learning-curve-help = Judged on { $judged } tickets. The dashed line is the precision asked for. “Expected” allows for one wrong guess more than was seen, so that a few lucky ones promise nothing; “Of all tickets” counts errors against all tickets, those left to people too. To put it to work, write it under [precision] in the playbook’s thresholds.toml.
learning-suspects = Labels to look at again
learning-suspects-none = Every label is believed.
learning-suspects-help = Heads that did not learn from these tickets hardly believe their labels.
learning-suspect = labelled “{ $label }”, likelier “{ $likelier }”
learning-oos = none of them
learning-more = And { $more } more: backchannel heads suspects lists them.
learning-versions = Versions
learning-versions-help = The newest answers, unless another one is chosen.
learning-version = Version { $version }
learning-in-force = answers
learning-made = { $texts } texts, { $day }
learning-right-of = { $share } right
learning-use = Use this one
learning-train = Learn now
learning-follow = Use the newest again

lists = Import and export
lists-out = Export
lists-out-help = Whole lists, which can be imported again unchanged. Cells that a spreadsheet would run as a formula are made harmless.
lists-in = Import
lists-in-help = Whoever is known by their address or short name is changed, everybody else is added. One line that cannot be taken keeps the whole file out.
lists-which = List
lists-file = File
lists-file-help = A CSV table with the columns of an export, or JSON lines; UTF-8, at most 8 MiB.
lists-go = Import
lists-check = Only check
lists-done = It is in. Added: { $created }, changed: { $updated }, unchanged: { $unchanged }.
lists-checked = It can be imported. To be added: { $created }, to be changed: { $updated }, unchanged: { $unchanged }. Nothing was changed yet.
lists-refused = Nothing was imported
lists-refused-help = These lines cannot be taken. Mend them and send the whole file again.
lists-line = Line
lists-reason = Reason
lists-more =
    { $count ->
        [one] And 1 more.
       *[other] And { $count } more.
    }
form-file-too-large = The file is larger than this page takes. Choose a smaller one, or use the command “ingest”.
format-lines = JSON lines
format-csv = CSV

account = Your account
account-help = Changing your password signs you out everywhere else.
account-help-none = You have no password yet and sign in with links. Choose one to sign in by yourself.
account-change = Set the password
account-changed = Your password is set. Every other device was signed out.
account-wrong = This is not your current password.

field-email = E-mail address
field-name = Name
field-title = Name
field-short-name = Short name
field-short-name-help = a-z, 0-9, _ and -; it cannot be changed later.
field-role = Role
field-person-role = Works as
field-team = Team
field-languages = Languages
field-languages-help = Two-letter codes, such as: en, fr
field-language = Language
field-language-help = A two-letter code, such as: fr
field-skills = Skills
field-skills-help = One a line, in the words that customers and colleagues use.
field-hours = Working hours
field-hours-help = As you would write it, such as: Mon to Fri, 9 to 17
field-away-until = Away until
field-away-until-help = The first day on which they are back; empty when they are here.
field-away-note = Note on the absence
field-away-note-help = Such as who stands in for them.
field-kind = Travels by
field-address = Address
field-address-help = An e-mail address, a queue, a Slack channel by its name or id, or a Teams channel by its id (19:…@thread.tacv2).
field-channel-teams = Teams that answer there
field-expected = Expected answer
field-expected-minutes = Expected answer, in minutes
field-use-for = What it is for
field-organisation = Organisation
field-tier = Tier
field-owner = Account owner
field-owner-help = The address of the colleague who looks after them.
field-notes = Notes
field-external-id = Id in another system
field-external-id-help = It cannot be changed later.
field-user-teams = Teams whose restricted items they may read
field-user-teams-help = Without one, only what is open to every colleague.
field-valid = The link works
field-token-name = What it is for
field-token-name-help = Such as: order import
field-password = Password
field-workspace = Workspace
field-workspace-help = Its short name, such as: alderwick
field-current-password = Current password
field-new-password = New password
field-new-password-help = 12 to 128 characters. Four words that do not belong together are good.
person-role-agent = Agent
person-role-light-agent = Light agent
person-role-expert = Expert
person-role-outsider = Outsider

## Problems

problem-not-found = There is nothing here
problem-not-found-help = The address may be mistyped, or the ticket was removed or belongs to another workspace.
problem-signed-out = You are not signed in
problem-signed-out-help = Sign in with your address and your password, or with a one-time link: an administrator of your workspace can give you one, to be opened on this device.
problem-forbidden = You may not do this
problem-forbidden-help = Your role does not include this. An administrator of your workspace can change that.
problem-stale = This form is too old
problem-stale-help = Your session changed since the page was opened. Go back, reload it and send it again.
problem-overtaken = Not sent: something was written meanwhile
problem-overtaken-help = Read it first. Then send your text again, as it is or changed: it is below.
problem-busy = Too much at once
problem-busy-help = Backchannel is busy. Wait a few seconds and try again; nothing was lost.
problem-broken = Something went wrong on our side
problem-broken-help = Nothing was lost. Try again in a moment; if it stays, tell your administrator when it happened.
problem-refused = That did not work
problem-refused-help = Go back, check what you entered and try again.
problem-kept = What you wrote, to copy and send again
problem-read = Read it
problem-back = Back to the page
problem-request = Request id
refused-known = { $name } is in the list already: open it there to change it.
refused-foreign = The form was sent from another site, or “server.public_url” is not the address that you opened.
refused-too-long = The text is too long: at most 64 KiB.
refused-file-too-large = A file is larger than { $mebibytes } MiB: choose a smaller one.
refused-files-too-large = The files are together larger than { $mebibytes } MiB: send them with several messages.
refused-many-files = A message brings at most { $files } files: send the rest with another one.
refused-unsent = Too many of your files wait to be sent (at most { $files }, and { $mebibytes } MiB together): send some with a message, or wait, as those not sent are forgotten after a day.
refused-file-gone = One of the files is not there any more: choose it again.
refused-no-file = No file was chosen.
refused-no-body = The message is empty: write it.
refused-no-correction = Nothing was said: choose an intent, a route or both.
refused-empty-comment = There is nothing in it: write something first.
refused-overtaken = { $name } wrote on this ticket after the page was opened on which you wrote.
refused-aside = Choose for how long it is to be set aside.
refused-no-other = Name the other ticket by its reference.
refused-unknown-ticket = There is no ticket “{ $reference }”: name the other one by its reference.
refused-no-ticket = No ticket was chosen.
refused-many-tickets = At most { $most } tickets are corrected at once: choose fewer.
refused-view-name = Give the view a name of at most { $most } characters.
refused-no-subject = The subject is empty: write what it is about.
refused-no-recipient = Nobody is asked: give at least one address.
refused-no-question = There is nothing asked: write at least one word.
refused-email = “{ $given }” is not an e-mail address: write it as name@domain.
refused-channel = There is no channel “{ $name }” any more: reload the ticket.
refused-user-name = Give your name.
refused-workspace-name = Give your company’s or desk’s name.

## Dates, times and amounts

month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sept
        [10] Oct
        [11] Nov
       *[12] Dec
    }
day = { $day } { month } { $year }
moment = { $day } { month } { $year }, { $hour }:{ $minute }
moment-utc = { $day } { month } { $year }, { $hour }:{ $minute } UTC
age-now = just now
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } d
age-weeks = { $count } wk
age-years = { $count } y
time-minutes =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
time-hours =
    { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
time-days =
    { $count ->
        [one] 1 day
       *[other] { $count } days
    }
size-bytes = { $count } B
size-kilobytes = { $count } KiB
size-megabytes = { $count } MiB
percent = { $percent }%
percent-above = >{ $percent }%
percent-below = <{ $percent }%
money =
    { $currency ->
        [GBP] { $sign }£{ $amount }
        [EUR] { $sign }€{ $amount }
        [USD] { $sign }${ $amount }
       *[other] { $sign }{ $amount } { $currency }
    }

## Closed sets of words

status-new = New
status-open = Open
status-pending = Pending
status-solved = Solved
priority-low = Low
priority-normal = Normal
priority-high = High
priority-urgent = Urgent
urgency-low = Low
urgency-normal = Normal
urgency-high = High
urgency-critical = Critical
sentiment-very-negative = Very negative
sentiment-negative = Negative
sentiment-neutral = Neutral
sentiment-positive = Positive
sentiment-very-positive = Very positive
step-answer = Answer now
step-act = Take an action
step-consult = Ask a colleague
step-ask-customer = Ask the customer
step-note = Leave a note
step-wait = Wait
by-email = E-mail
by-web = Web form
by-chat = Chat
by-phone = Phone
by-api = API
by-slack = Slack
by-teams = Teams
by-child-ticket = Child ticket
thread-waiting = Waiting
thread-is-answered = Answered
thread-closed = Closed
tier-standard = Standard
tier-care-basic = Care Basic
tier-care-plus = Care Plus
tier-business = Business
order-paid = Paid
order-picked = Picked
order-shipped = Shipped
order-delivered = Delivered
order-cancelled = Cancelled
order-returned = Returned
order-lost = Lost
role-light = Light agent
role-agent = Agent
role-approver = Approver
role-admin = Administrator
role-auditor = Auditor
role-service = Service
audience-public = Public
audience-internal = Internal
audience-teams = Only { $teams }
audience-customer = This customer

## Kinds of what is found in texts

kind-email = E-mail
kind-phone = Phone
kind-url = Link
kind-iban = IBAN
kind-card = Card
kind-address = Address
kind-amount = Amount
kind-date = Date
kind-product = Product
kind-name = Name

## Languages, by their ISO 639-1 code

language-ar = Arabic
language-cs = Czech
language-da = Danish
language-de = German
language-el = Greek
language-en = English
language-es = Spanish
language-et = Estonian
language-fi = Finnish
language-fr = French
language-hu = Hungarian
language-it = Italian
language-ja = Japanese
language-ko = Korean
language-lt = Lithuanian
language-lv = Latvian
language-nl = Dutch
language-no = Norwegian
language-pl = Polish
language-pt = Portuguese
language-ro = Romanian
language-ru = Russian
language-sk = Slovak
language-sl = Slovenian
language-sv = Swedish
language-tr = Turkish
language-uk = Ukrainian
language-zh = Chinese

## The knowledge base

knowledge = Knowledge
knowledge-add = Add a document
knowledge-add-go = Take it in
knowledge-add-help = It is cut into passages, which panels, search and questions find and cite. A document with the same id is replaced.
knowledge-empty = No documents yet
knowledge-empty-help = Add one here, or take in a whole folder with the command “ingest”.
knowledge-file = File
knowledge-file-help = Markdown, HTML, text, PDF, DOCX or e-mail.
knowledge-no-file = Choose a file.
knowledge-audience = Who may read it
knowledge-audience-help = Replies to customers are drafted only from what everybody may read.
knowledge-title = Title
knowledge-title-help = Left empty, it is the document’s own title.
knowledge-id-help = Left empty, it is the name of the file.
knowledge-passages = Passages
knowledge-passage-count =
    { $count ->
        [one] 1 passage
       *[other] { $count } passages
    }
knowledge-pending =
    { $count ->
        [one] 1 passage waits to be indexed
       *[other] { $count } passages wait to be indexed
    }
knowledge-waits = Not indexed yet: it cannot be found
knowledge-used = Use
knowledge-use =
    { $shown ->
        [0] Never shown
        [one] { $cited ->
            [0] Beside 1 ticket
           *[other] Beside 1 ticket, cited in its draft
        }
       *[other] { $cited ->
            [0] Beside { $shown } tickets
            [one] Beside { $shown } tickets, cited in 1 draft
           *[other] Beside { $shown } tickets, cited in { $cited } drafts
        }
    }
knowledge-updated = Updated
knowledge-thumbs = Thumbs
knowledge-thumbs-count = { $up } up, { $down } down
knowledge-as-indexed = As it is found and cited
knowledge-shown-beside = Shown beside
knowledge-shown-beside-none = No ticket so far.
knowledge-delete = Remove this document
knowledge-delete-help = Its passages are found and cited no more. What was sent with it stays.
knowledge-gaps = What is missing
knowledge-coverage = Open tickets that an article answers
knowledge-coverage-sum =
    { $tickets ->
        [0] No open ticket is clear enough to ask.
        [one] { $answered } of 1 open ticket that needs a reply from us has a draft from an article that customers may read.
       *[other] { $answered ->
            [one] 1 of { $tickets } open tickets that need a reply from us has a draft from an article that customers may read.
           *[other] { $answered } of { $tickets } open tickets that need a reply from us have a draft from an article that customers may read.
        }
    }
knowledge-coverage-help = Matters with the most unanswered tickets come first: there an article would help most.
knowledge-matter = Matter
knowledge-matter-unclear = not clear
knowledge-answered = Answered
knowledge-answered-of = { $answered } of { $tickets }
knowledge-unanswered = Questions that found nothing
knowledge-unanswered-help = What agents asked on a ticket, and neither ticket, threads nor articles answered.
knowledge-unanswered-none = No question went unanswered so far.
knowledge-most-used = Used most
knowledge-most-used-none = Nothing was shown yet: panels are being prepared, or there are no documents.
knowledge-unused = Never shown
knowledge-unused-help = No ticket was like them so far. They may be outdated, or in words that customers do not use.
knowledge-unused-none = Every document was shown at least once.
knowledge-refused = Could not be taken in
knowledge-refused-help = They are listed until they are taken in. The text that is in force stays.
knowledge-refused-none = Everything could be taken in.

tour = A tour in ten minutes
tour-lead = Ten stops, each with something to look at and something to try. Nothing is sent to anybody: what you write stays on this machine.
tour-no-demo = The tickets of the tour are those of the demo company, which “backchannel demo” serves. On your own tickets, try the same.
tour-open = Open
tour-offer = New here?
tour-hide = Hide
tour-inbox = The inbox, read before you came
tour-inbox-text = Every ticket says what it is about, how the customer feels, how urgent it is and where it belongs. The most urgent come first here. Choose a few by their boxes to correct them together, keep the list as a view, and press ? for the keys.
tour-danger = Danger that nobody called danger
tour-danger-text = The customer only says that a battery door will not shut. A rule of the playbook saw the swelling: the ticket is urgent, the article about battery safety comes first, and an earlier side conversation shows what was decided then. Follow a number behind a sentence to the very words.
tour-reply = A first reply, ready to go
tour-reply-text = What such a customer must be told first is written in the playbook, and so the draft is there at once. Insert it, change it, choose where the ticket goes, and write it as a reply. Other drafts are made of sentences of your articles, each with its source; where none answers what was asked there is no draft, and the panel says why.
tour-thread = Whom to ask, and how
tour-thread-text = Further down are the people who answered the like, with the conversations that show it, the channel and its usual time to answer. The message is written: change it, and choose what of the ticket goes along. Where outsiders would read it, it warns of what must not leave.
tour-loose = Answered, and the customer does not know
tour-loose-text = The carrier desk has answered in the side conversation, and nobody has told the customer. Such loose ends stand on the ticket; set them aside for four hours and bring them back.
tour-ask = Ask the ticket
tour-ask-text = Ask “What did finance say about sixty days?” in the field on the right. The answer is taken word for word from the side conversations, with who said it. Where nothing comes near, it says so.
tour-french = French as well
tour-french-text = A French ticket with a French draft, made of what the playbook says in French. Switch the console to French at the top; what people wrote stays as they wrote it.
tour-learn = Teach it
tour-learn-text = Nobody can be right about a ticket of one line. Correct its intent or route: it counts from now on, and you can take it back. Thumbs say which suggestions helped.
tour-gaps = What to write next
tour-gaps-text = Which tickets no article answers, by what they are about, which articles get used, and which questions found nothing.
tour-api = The same for your pipeline
tour-api-text = All of it is in the API. Make a token under Administration and send a ticket to POST /v1/triage; the description of every route is here.

insights = Insights
insights-from = From
insights-to = To
insights-by = By
insights-show = Show
insights-week = Week
insights-intent = Intent
insights-channel = Channel
insights-team = Team
insights-none = not known
insights-empty = No tickets and no side conversations in these days.
insights-per-100 = Side conversations for each 100 tickets
insights-per-100-short = Per 100 tickets
insights-counted =
    { $tickets ->
        [one] { $threads } on one ticket
       *[other] { $threads } on { $tickets } tickets
    }
insights-first = Time to the first answer, half of them
insights-p90 = nine of ten within { $time }
insights-avoided = Not needed
insights-avoided-by = by an earlier answer: { $reuse }, by an article: { $article }
insights-accepted = Earlier answers taken
insights-suggested = shown: { $shown }, sent anyway: { $sent }
insights-not-relayed = Answered, not passed on
insights-now = as things stand now
insights-plot = Side conversations for each 100 tickets, week by week
insights-plot-desc = A bar for each week; the table below says the same in figures.
insights-rows = Row by row
insights-tickets = Tickets
insights-threads = Side conversations
insights-median = First answer
insights-ninety = Nine of ten
insights-avoided-short = Not needed
insights-sent-short = Sent anyway
insights-hold-out = What earlier answers are worth
insights-hold-out-none = Nothing is held out. With hold_out = 0.1 under [insights] in the playbook’s thresholds.toml one ticket in ten is shown no earlier answers, and the difference is told here.
insights-hold-out-since = Held out: { $share } of the tickets, since { $day }.
insights-suggested-arm = Shown earlier answers
insights-held-out-arm = Shown none
insights-arm = { $with } of { $tickets } tickets with a side conversation; { $per } side conversations for each 100
insights-avoided-share = Where earlier answers are shown, { $share } % fewer tickets have a side conversation (95 % interval: { $low } to { $high } % fewer).
insights-added-share = Where earlier answers are shown, { $share } % more tickets have a side conversation (95 % interval: { $low } to { $high } % fewer).
insights-too-few = Too few tickets to tell.
insights-thumbs-title = Thumbs on suggestions
insights-thumbs-none = Nobody gave a thumb in these days.
insights-thumbs = { $up } up, { $down } down
gate-title = This was answered before
gate-help = Nothing was sent yet. Use an answer, or send your message as it is.
gate-asked-here = asked on this ticket already
gate-changed = An article on the same matter changed since: “{ $title }”,
gate-article = Article
gate-source = Source: { $reference }, “{ $title }”, { $day }
gate-use = Use this answer
gate-note = Keep as a note
gate-yours = Your message
gate-send = Send anyway
gate-own-words = An earlier answer, as it stands there. Put it in your own words for the customer before you send it.
gate-perhaps =
    { $count ->
        [one] An earlier answer may do
       *[other] { $count } earlier answers may do
    }
held-title = Look at this before it leaves
held-help = Nothing was sent yet. Change the text, or say that it is meant.
held-help-block = Nothing was sent yet. What is marked as “must not leave” has to go, or those whom it must not reach.
held-block = Must not leave
held-acknowledge = Look at it
held-hint = Hint
held-to = Would reach { $people }
held-meant = I have looked at it, and it is meant
held-redact = Take it out
held-again = Check again
held-send = Send
held-redacted = Taken out
held-redacted-help = “[…]” stands where something was. Nothing was sent yet: read it once more.
refused-held = The message is held back for what stands in it.
thread-reply = Answer
thread-reply-text = Your message
thread-reply-send = Send
thread-close = Close
thread-reopen = Open again
part-triage = Triage
part-summary = Summary
part-next-step = Next step
part-passage = Article
part-similar-ticket = Similar ticket
part-similar-thread = Earlier answer
part-expert = Whom to ask
part-channel = Where to ask
part-draft = Side conversation draft
part-reply = Reply draft
part-loose-end = Loose ends
