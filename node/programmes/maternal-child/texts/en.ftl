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
consent = The Ministry of Health keeps these details to care for mother and child. Does the mother agree?
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
