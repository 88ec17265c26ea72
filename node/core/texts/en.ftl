# Texts that every service shares: keypad words, refusals, SMS of the node and the hub.
# Each fits one SMS of the default alphabet (160 septets) with its longest parameters.

## Keypad: the same words and digits in every service.
key-back = 00 Back
key-more = 99 More

## Screens of the engine.
resume-question = Continue where you stopped?
resume-yes = Yes
resume-no = No
village-question = Please type the code of your village.
home-title = Services
home-exit = Exit
home-bye = Thank you. Goodbye.
home-language = Language
busy = The service is busy. Please try again in a few minutes.
failed = Something went wrong and nothing was saved. Please try again later.
no-service = There is no service for this number here. Please ask a health worker.
session-ended = This conversation has ended. Please dial again.
phone-without-number = This phone has no number yet. Please ask whoever runs this network for one, then dial again.
session-too-long = This took too many steps. Please dial again.
line-too-narrow = This line cannot show this service. Please use SMS.

## Refusals: each says what to type.
refuse-choice = Please type one of the numbers shown.
refuse-choices = Please type the numbers that fit, like 1 3.
refuse-empty = Please type an answer.
refuse-name = Please type a name, letters only.
refuse-text = Please type letters, digits and blanks only.
refuse-identifier = Please type { $min } to { $max } letters or digits.
refuse-phone = Please type a whole phone number.
refuse-number = Please type a number from { $min } to { $max }.
refuse-day = Please type the day like { $example }.
refuse-year-or-day = Please type a year like { $year } or a day like { $example }.
refuse-month-or-day = Please type a month like { $month } or a day like { $example }.
refuse-any-date = Please type a year, month or day like { $year }, { $month } or { $example }.
refuse-future = That day is still to come. Please type an earlier one.
refuse-old = That is too long ago. Please type { $earliest } or later.
refuse-recent = That is too recent. Please type { $latest } or earlier.
refuse-ahead = That is too far ahead. Please type { $latest } or earlier.
refuse-long = That is too long. Please type at most { $limit } characters.
refuse-page = There is no more to show. Please type one of the numbers shown.
refuse-registration-number = Please type the { $short } or { $long } digits of the number.
refuse-check-digit = One digit is wrong. Please check the number and type it again.
refuse-amount = Please type an amount from { $min } to { $max }.
refuse-pin = Please type { $min } to { $max } digits.

## Keyword forms: which answer is wrong, and what to type.
form-refused = { $field }: { $fix } Nothing was saved.
form-choices = Please type one of these: { $choices }.
form-name = Please type its name, like { $example }.
form-sample = Please send it like this: { $sample }

## Status words.
status-held = held here
status-carried = carried to the hub
status-accepted = accepted
status-effective = complete
status-rejected = rejected
status-conflict = under review
status-withdrawn = withdrawn

## Rejections of commands: each says what to do.
reject-not-allowed = Your number may not do this. Please ask your supervisor.
reject-no-consent = Nothing was saved, because the person did not agree.
reject-incomplete = Something is missing and nothing was saved. Please type it again.
reject-no-open-review = No question waits for your answer. Dial the service code for the menu.
reject-not-joined = These two people are not joined.
reject-too-many = Too many people fit. Please add the year of birth or the village.
reject-review-which = More than one review waits. Please send its number too, like { $example }.
reject-review-unknown = There is no open review { $n }. Please check the number.
reject-not-registered = Number not registered. Ask a health worker or the office.
reject-not-bound = This number is not confirmed yet. Reply 1 to the message that asks for it, or dial the service code.
reject-language = This language is not available. Please choose another.
reject-numbers = No registration number is left here. Please tell your supervisor.
reject-phone-full = This number already stands for { $limit } people. Please type another number or none.
reject-births = The birth dates of mother and child do not fit together. Please change one of them.
reject-village = No village has this code. Type the code of yours.

## SMS.
reject-no-person = Nobody here has this number. Please check it.
reject-no-mother = This is no mother, or her birth year is not known. Please check the number.
reject-which-person = Several people use this phone. Please type the last 4 digits of your number.
reject-no-entry = This entry is gone or not yours. Please look at your list again.
reject-entry-left = The registry or a question about it has this entry. Please ask the office.
reject-entry-used = Other entries about these people rest on it. Take those back first.
entry-registered = Registered: { $who }
reject-no-task = This task is done or gone. Please look at your list again.
reject-no-worker = No other health worker here has this number. Please check it.

tasks-due = Today: { $due } due, { $late } late. Dial the service code for your list.
tasks-late = { $late } tasks of { $workers } health workers are late. Dial the service code or ask them.
digest = { $accepted } accepted, { $rejected } rejected, { $review ->
        [one] { $review } needs
       *[other] { $review } need
    } you.
review-question = Review { $n }: RN ..{ $own } and ..{ $other }. Same people? Reply 1 yes, 2 no.
sex-female = woman
sex-male = man
match-question = Review { $n }: RN ..{ $own } (yours) and ..{ $other }. Same person? Reply { $n } 1=yes 2=no 3=not sure
review-answered = Thank you. Your answer to review { $n } is saved.
claim = A public office was given this number. Reply 1 to get messages here, STOP to get none.
bound = Thank you. Messages now come to this number. Send STOP to end them.
stopped = You get no more messages from us. Send START to get them again.
started = You get messages from us again. Send STOP to end them.
unknown-text = We did not understand. Send MENU for the services, 1 or 2 to answer a question, STOP to end messages.
alias-assigned = Your number { $old } is now { $new }. Both stay valid.

## Months, in letters on screens.
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = June
month-7 = July
month-8 = Aug
month-9 = Sept
month-10 = Oct
month-11 = Nov
month-12 = Dec

## Months of the Ethiopian calendar.
ethiopian-month-1 = Meskerem
ethiopian-month-2 = Tikimt
ethiopian-month-3 = Hidar
ethiopian-month-4 = Tahsas
ethiopian-month-5 = Tir
ethiopian-month-6 = Yekatit
ethiopian-month-7 = Megabit
ethiopian-month-8 = Miyazya
ethiopian-month-9 = Ginbot
ethiopian-month-10 = Sene
ethiopian-month-11 = Hamle
ethiopian-month-12 = Nehase
ethiopian-month-13 = Pagume

result-accepted = Your registration has reached the public registry. For questions ask a health worker.

## Roles, PINs, consent, erasure.
reject-maker-checker = One person cannot both propose and approve in one area. Please choose another person.
reject-no-role = There is no such role. Please check area and number.
reject-pin-wrong = That PIN is not right. Please type it again.
reject-pin-wait = Too many wrong PINs. Please try again in one hour.
reject-pin-locked = This PIN is locked. Please see a health worker, who can reset it.
reject-pin-weak = That PIN is easy to guess. Please type another one.
reject-pin-length = Please type 6 digits.
reject-pin-set = You have a PIN already. Please choose to change it.
reject-pin-none = No PIN is set for this number. Please set one, or see a health worker.
reject-pin-worker = Please see a health worker to set your PIN.
reject-pin-first = Your PIN comes first. Several people use this phone, or the answer is personal.
reject-pin-who = Please type the last 4 digits of your registration number first.
reject-pin-sms = A PIN is not asked by SMS. Please dial the service code.
reject-second-person = Another health worker must do this.
reject-unknown-number = No person here has this number. Please check it.
pin-was-reset = A PIN was reset for this number. Not you? Please see a health worker soon.
consent-withdrawn = You withdrew your consent. It holds at once.
reject-second-officer = A second person must approve this, and one of both must be an officer.
## Proof of registration.
reject-slip-none = No registration that holds has this number. Please check the number.
reject-slip-key = This node cannot make codes yet. It must meet its hub first.
slip-code = Code { $code }. The person shows it with number and birth year. To check: CHECK code number year.
slip-code-own = A public office gave you the code { $code }. Show it with your number and birth year.
slip-valid = Valid. A node of this area gave the code in { $month } for this number and birth year.
slip-not-valid = Not valid for this number and birth year here. A code of another area must be asked for at the office.
slip-revoked = Revoked. The registration does not hold any more.
slip-unreadable = The code, number or year has a wrong letter or digit. Send: CHECK code number year.
slip-title = Proof of registration
slip-how = Keep this slip. Where it is read, you are asked for your number and birth year.
reject-reference = The list was not published: { $finding }

## Broadcasts that a second person approves.
broadcast-question = Broadcast { $n }: { $people } people, { $parts } parts, price { $price }. Its text comes next. Reply YES { $n } or NO { $n }.
broadcast-approved = Thank you. Broadcast { $n } begins.
broadcast-refused = Thank you. Broadcast { $n } is not sent.
reject-no-proposal = No broadcast waits under this number. It was answered or came too late.
reject-own-proposal = You proposed this broadcast. Another person must decide.

## Alerts.
alert-raised = ALERT: { $alert }
alert-more = ALERT, more: { $alert }
alert-clear = ALL CLEAR: { $alert }
alert-after-stop = Sent also after STOP, because lives are in danger.
alert-begun = Thank you. Your words go to the people of your area now.
reject-alert = An alert has 1 to 300 characters. Please shorten it.
reject-no-alert = No alert holds in this area. Send ALERT and the words.

## Who is at the phone, before what is personal.
prove-pin = Your PIN?
prove-pin-of = Your PIN? If you have none yet, see a health worker.
prove-new = Choose a PIN of 6 digits that nobody can guess. It opens what is personal.
prove-digits = Several people use this phone. Last 4 digits of your registration number?

## Who read what.
reader-own = yourself
reader-health-worker = health worker
reader-vendor = vendor
reader-clerk = clerk
reader-officer = officer
reader-administrator = administrator
reader-auditor = auditor
reader-system = other system
read-own = own record
read-case = record
read-list = list
read-task = task
read-search = search
read-console = office screen
read-registry = registry
read-export = export
read-report = report
read-review = comparison
read-many = One reader saw more than { $limit } records in an hour. Please look at the read log.
read-exported = Personal data were exported. Please look at the read log.

# Households: what a person is in one, and what is given once.
household-head = head of household
household-spouse = husband or wife
household-child = child
household-other = other member
reject-no-household = This person is in no household here.
reject-same-household = Both live in one household already.
reject-given = This was given already for this time. Nothing was saved.
reject-ask-hub = The district office decides about this household. Nothing was saved.
reject-ask-node = The post that registered this household decides about it. Nothing was saved.
reject-unit = More than { $limit } belong together here. Please ask the district office.

## Pages of the district office.
reject-sign-in = Number, role or passphrase is not right. After three wrong tries wait one hour, after six ask the administrator.
reject-reason = Please write why, in at most { $limit } characters and without names.

# The life of a number.
confirm = A public office has this number. Do you still use it? Reply 1 for yes, 2 for no.
claim-shared = A public office was given this number for one more person. Reply 1 if you share it, 3 if it is only yours now, 2 if it is wrong.
denied = Thank you. Nothing personal comes to this number any more.
change-asked = Your details are being changed. Not you? Reply NO { $code }
change-asked-stopped = The law has us tell you, also after STOP: your details are being changed. Not you? Reply NO { $code }
change-stopped = The change of your details is stopped. Everything stays as it was.
reject-change-none = No change waits here.
reject-change-open = A change waits already. Please stop it first.
reject-change-same = Please type another number than this one.
reject-change-pin = She has no PIN here yet. Please reset it first, and let her choose one.
reject-change-held = This number is confirmed. Please change it under My data, with her PIN.

staff-pin = Your staff PIN?
staff-code = The one-time code from your office (8 digits)?
staff-new = Choose a staff PIN of 6 digits that nobody can guess. It opens the screens of your work.
staff-code-none = No staff PIN is set here. Please ask your office for a one-time code.
staff-code-wrong = That code is not right. Please type its 8 digits again.
staff-pin-locked = This PIN is locked. Please ask your office for a new one-time code.
reject-staff-pin = This opens with your staff PIN. Please dial the service code.
erased = The data that we were asked to delete are deleted. You need not answer.
