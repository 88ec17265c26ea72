menu = Mother and child
menu-register = Register mother and child
menu-work = My work
menu-language = Language
exit = Exit
bye = Thank you. Goodbye.
work = Your registrations: { $total }
    { $held } held here, { $carried } at the hub
    { $accepted } accepted, { $effective } complete
    { $rejected } rejected, { $conflict } under review
language = Language - Langue - Lugha

mother-given-name = Mother's first name?
mother-family-name = Mother's family name?
mother-birth-date = Mother's birth: year like 1994 or day like 17051994?
mother-phone = Mother's phone number?
no-phone = No phone
mother-village = Mother's village?
mother-national-id = Mother's national ID number?
no-national-id = No ID
consent = The Ministry of Health keeps these details to care for mother and child. Do you agree?
yes = Yes
no = No
consent-refused = Nothing is saved. The mother gets the same care as before.

child-given-name = Child's first name?
not-named = Not named yet
child-family-name = Child's family name?
child-sex = Child's sex?
female = Female
male = Male
child-birth-date = Child's birth day, like 17052026?
today = Today
yesterday = Yesterday
child-place-of-birth = Where was the child born?
place-home = At home
place-clinic = In a clinic
place-other = Elsewhere

summary = Mother: { $mother_given_name } { $mother_family_name }, { $mother_birth_date }, { $mother_phone }, { $mother_village }
    Child: { $child_given_name } { $child_family_name }, { $child_sex }, { $child_birth_date }
summary-known = Mother: { $mother_given_name } { $mother_family_name }
    Known? { $known_mother_1 }
    Child: { $child_given_name }, { $child_sex }, { $child_birth_date }
save-new = Save, new
it-is-she = It is she
known-woman = One of these?
new-person = New person
save = Save
change = Change
cancel = Cancel
cancelled = Nothing is saved. Goodbye.
change-what = Change what?
change-mother-given-name = Mother's first name
change-mother-family-name = Mother's family name
change-mother-birth-date = Mother's birth
change-mother-phone = Phone
change-mother-village = Village
change-mother-national-id = National ID
change-child-given-name = Child's first name
change-child-family-name = Child's family name
change-child-sex = Child's sex
change-child-birth-date = Child's birth day
change-child-place-of-birth = Place of birth
registered = Registered: { $status }
    Mother { $mother_number }
    Child { $child_number }
    Please write both numbers down.

citizen-menu = Public services
menu-status = My registration
status-title = Your registrations:
status-line = { $number } { $status }

form-consent = The mother's consent

menu-care = Care
menu-tasks = My tasks
menu-day = My day

rn = Registration number (10 or 12 digits)?
not-a-woman = This is a child's number. Please dial again with the mother's number.
not-a-child = This is a mother's number. Please dial again with the child's number.
menu-pregnancy = Pregnancy
menu-birth = Birth
menu-visit = Visit
menu-vaccines = Vaccines
menu-referral = Referral
menu-exit = Moved, died or refused
menu-child = Add a child

is-known = Is she registered?
known-yes = Yes, I have her number
known-no = No, register her
dating = What does she know?
dating-period = First day of her last period
dating-expected = Expected day of birth
last-period = First day of the last period, like 17052026?
expected-birth = Expected day of birth, like 17052026?
babies = How many babies?
babies-one = One
babies-two = Two
babies-more = Three or more
not-known = Not known
pregnancy-check = { $who }: birth expected { $expected_birth }, babies: { $babies }
woman-registered = Registered. Her number is { $person }. Please write it down.
woman-registered-next = Registered. Her number is { $person }. Please write it down.
    Next: { $due_1 }
saved = { $who }: saved.
    Next: { $due_1 }
saved-done = { $who }: saved. Nothing more is planned now.

birth-day = { $who }: day of birth, like 17052026?
born-alive = How many children were born alive?
stillborn = How many children were stillborn?
born-where = Where was the birth?
baby-name = Child { $round }: first name?
baby-sex = Child { $round }: sex?
baby-registered = Child { $round } has the number { $child_number }. Please write it down.
more-babies = Two children are registered. For the others choose Care, Add a child.
child-of = { $who }: first name of the child?
child-registered = Registered. The child's number is { $child_number }. Please write it down.

visit = { $who }: which visit?
no-visit = No visit of { $who } is open. First enter her pregnancy or the birth.
visit-day = Day of the visit, like 17052026?
danger = Danger signs?
danger-none = None
danger-bleeding = Bleeding
danger-headache = Strong headache
danger-fits = Fits
danger-fever = Fever
danger-pain = Strong pain
danger-moves = Baby moves less
danger-feeds = Baby feeds badly
danger-breathing = Hard breathing
refer-now = Saved. Danger signs: refer { $who } now?
visit-anc-1 = Visit 1, week 12: { $day }
visit-anc-2 = Visit 2, week 20: { $day }
visit-anc-3 = Visit 3, week 26: { $day }
visit-anc-4 = Visit 4, week 30: { $day }
visit-anc-5 = Visit 5, week 34: { $day }
visit-anc-6 = Visit 6, week 36: { $day }
visit-anc-7 = Visit 7, week 38: { $day }
visit-anc-8 = Visit 8, week 40: { $day }
visit-pnc-1 = After birth, day 1: { $day }
visit-pnc-2 = After birth, day 3: { $day }
visit-pnc-3 = After birth, week 2: { $day }
visit-pnc-4 = After birth, week 6: { $day }

vaccines = { $who }: what was given?
no-vaccine = No vaccine is planned for { $who }
vaccine-later = Nothing is due for { $who } now.
    Next: { $due_1 }
vaccine-day = Day of the vaccines, like 17052026?
vaccine-bcg = BCG: { $day }
vaccine-opv-0 = OPV 0: { $day }
vaccine-penta-1 = Penta 1: { $day }
vaccine-pcv-1 = PCV 1: { $day }
vaccine-opv-1 = OPV 1: { $day }
vaccine-rota-1 = Rota 1: { $day }
vaccine-penta-2 = Penta 2: { $day }
vaccine-pcv-2 = PCV 2: { $day }
vaccine-opv-2 = OPV 2: { $day }
vaccine-rota-2 = Rota 2: { $day }
vaccine-penta-3 = Penta 3: { $day }
vaccine-pcv-3 = PCV 3: { $day }
vaccine-opv-3 = OPV 3: { $day }
vaccine-ipv-1 = IPV: { $day }
vaccine-mr-1 = MR 1: { $day }
vaccine-vitamin-a = Vitamin A: { $day }
vaccine-mr-2 = MR 2: { $day }

referral-new = Refer somebody
referral-outcome = What came of it
facility = { $who }: referred to which place?
reason = Why?
reason-danger = Danger sign
reason-birth = For the birth
reason-child = Sick child
reason-other = Another reason
referred = Referral of { $who } is saved. In 3 days your tasks ask what came of it.
no-referral = No referral of { $who } is known here.
outcome = { $who }: what came of the referral?
outcome-home = Seen, back home
outcome-stays = Stays there
outcome-not-gone = Did not go

exit-reason = { $who }: what happened?
exit-moved = Moved away
exit-died = Died
exit-refused = Wants no more care
exit-sure = Nothing is planned for { $who } any more. Save this?
gone = Saved. Nothing is planned for { $who } any more. Children who left too have numbers of their own.

tasks = Your tasks ({ $tasks_late } late). Which one?
no-task = Nothing is due in the next 7 days.
task-visit = { $who }: visit { $day }
task-vaccines = { $who }: vaccines { $day }
task-referral = { $who }: outcome of referral
task-waiting = { $who }: asks to be registered
waiting = { $who } asked to be registered. Her family name?
waiting-no = Not so
entries = Registered today: { $registrations }. Which entry?
no-entry = You entered nothing today.
entry-what = { $who }: what is to be done with the entry?
entry-withdraw = Take it back
entry-correct = Take it back, enter it anew
entry-leave = Leave it
withdrawn = Taken back. It does not count any more.
enter-anew = Taken back. Dial again and register them anew.
ask-supervisor = A birth cannot be entered anew here. Please tell your supervisor what is wrong.
menu-entries = My entries today
menu-hand-over = Hand over my people
colleague = Phone number of the health worker who takes your people?
hand-over-sure = Hand over all your people to { $colleague }?
handed-over = { $count } people are now with { $to }.

event-pre-registration = Asked to be registered
event-agreed = Agreement
event-pregnancy = Pregnancy
event-birth = Birth
event-visit = Visit
event-immunisation = Vaccines
event-referral = Referral
event-outcome = Outcome of referral
event-exit = Left

menu-due = What is due for us
menu-pre-register = Register me
unknown = This phone is not registered yet. Choose Register me, or ask a health worker.
nothing-due = Nothing is due for you now.
due-title = Due:
due-line = { $due }
already-known = This phone is known here already. Please ask your health worker.
own-name = Your first name?
expected-month = When do you expect the birth? Month like 092026
own-village = Your village?
own-refused = Nothing is saved. You get the same care as before.
pre-registered = Thank you. A health worker will visit you. Your number is { $person }. Please write it down.
remind-clinic = Reminder: you are expected at the clinic on { $day }. If you cannot come, please ask a health worker.
sms-waiting = Somebody asks to be registered. Please dial the service code and choose My tasks.
