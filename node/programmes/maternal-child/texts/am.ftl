# Not yet read by a native speaker.
# Amharic needs UCS-2: 70 characters a text message, so every sentence is as short as it can be.
menu = እናትና ልጅ
menu-register = ሁለቱን መዝግብ
menu-work = ሥራዬ
menu-language = ቋንቋ
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
work = ሁሉ { $total } እዚህ { $held }
    ማዕከል { $carried } ደረሰ { $accepted }
    ያለቀ { $effective } ውድቅ { $rejected }
    ምርመራ { $conflict }
language = ቋንቋ - Language - Langue

mother-given-name = የእናት ስም?
mother-family-name = የእናት የአባት ስም?
mother-birth-date = የእናት ልደት፦ ዓመት ወይም ቀን?
mother-phone = የእናት ስልክ?
no-phone = ስልክ የለም
mother-village = የእናት መንደር?
mother-national-id = የእናት መታወቂያ ቁጥር?
no-national-id = የለም
consent = ጤና ሚኒስቴር ለክብካቤ ይይዛል። ይስማማሉ?
yes = አዎ
no = አይ
consent-refused = ምንም አልተቀመጠም። ክብካቤው አይቀየርም።

child-given-name = የልጅ ስም?
not-named = ገና ስም የለውም
child-family-name = የልጅ የአባት ስም?
child-sex = የልጅ ጾታ?
female = ሴት
male = ወንድ
child-birth-date = ልጁ የተወለደበት ቀን?
today = ዛሬ
yesterday = ትናንት
child-place-of-birth = ልጁ የት ተወለደ?
place-home = ቤት
place-clinic = ጤና ጣቢያ
place-other = ሌላ ቦታ

summary = እናት፦ { $mother_given_name } { $mother_family_name }፣ { $mother_birth_date }፣ { $mother_phone }፣ { $mother_village }
    ልጅ፦ { $child_given_name } { $child_family_name }፣ { $child_sex }፣ { $child_birth_date }
summary-known = እናት፦ { $mother_given_name } { $mother_family_name }
    የታወቀች? { $known_mother_1 }
    ልጅ፦ { $child_given_name }፣ { $child_sex }፣ { $child_birth_date }
save-new = አስቀምጥ
it-is-she = እሷ ናት
known-woman = ከእነዚህ አንዷ?
new-person = አዲስ ሰው
save = አስቀምጥ
change = ቀይር
cancel = ተው
cancelled = ምንም አልተቀመጠም። ደህና ይሁኑ።
change-what = ምን ይቀየር?
change-mother-given-name = የእናት ስም
change-mother-family-name = የእናት የአባት ስም
change-mother-birth-date = የእናት ልደት
change-mother-phone = ስልክ
change-mother-village = መንደር
change-mother-national-id = መታወቂያ
change-child-given-name = የልጅ ስም
change-child-family-name = የልጅ የአባት ስም
change-child-sex = የልጅ ጾታ
change-child-birth-date = የልጅ ልደት
change-child-place-of-birth = የትውልድ ቦታ
registered = ምዝገባ፦ { $status }
    እናት { $mother_number }
    ልጅ { $child_number }
    ሁለቱን ይጻፉ።

citizen-menu = የሕዝብ አገልግሎት
menu-status = ምዝገባዬ
status-title = ምዝገባዎ፦
status-line = { $number } { $status }

form-consent = የእናት ስምምነት

menu-care = ክብካቤ
menu-tasks = ተግባር
menu-day = ቀኔ

rn = የምዝገባ ቁጥር?
not-a-woman = ይህ የልጅ ቁጥር ነው። በእናት ቁጥር ይደውሉ።
not-a-child = ይህ የእናት ቁጥር ነው። በልጅ ቁጥር ይደውሉ።
menu-pregnancy = እርግዝና
menu-birth = ወሊድ
menu-visit = ጉብኝት
menu-vaccines = ክትባት
menu-referral = ሪፈር
menu-exit = ሄደ፣ ሞተ፣ እምቢ አለ
menu-child = ልጅ ጨምር

is-known = ተመዝግባለች?
known-yes = አዎ፣ ቁጥር አለኝ
known-no = አይ፣ መዝግብ
dating = ምን ታውቃለች?
dating-period = የመጨረሻ የወር አበባ
dating-expected = የሚጠበቅ ወሊድ
last-period = የመጨረሻ የወር አበባ መጀመሪያ ቀን?
expected-birth = ወሊድ የሚጠበቅበት ቀን?
babies = ስንት ሕፃናት?
babies-one = አንድ
babies-two = ሁለት
babies-more = ሦስትና በላይ
not-known = አይታወቅም
pregnancy-check = { $who }፦ ወሊድ { $expected_birth }፣ ሕፃናት፦ { $babies }
woman-registered = ተመዝግባለች። ቁጥሯ { $person }። ይጻፉት።
woman-registered-next = ቁጥሯ { $person }። ይጻፉት።
    ቀጣይ፦ { $due_1 }
saved = { $who }፦ ተቀምጧል።
    ቀጣይ፦ { $due_1 }
saved-done = { $who }፦ ተቀምጧል። ሌላ የታቀደ የለም።

birth-day = { $who }፦ የወሊድ ቀን?
born-alive = በሕይወት የተወለዱ ስንት?
stillborn = ሞተው የተወለዱ ስንት?
born-where = ወሊዱ የት ነበር?
baby-name = ልጅ { $round }፦ ስም?
baby-sex = ልጅ { $round }፦ ጾታ?
baby-registered = ልጅ { $round } ቁጥር { $child_number }። ይጻፉት።
more-babies = ሁለት ተመዝግበዋል። ለሌሎች፦ ክብካቤ፣ ልጅ ጨምር።
child-of = { $who }፦ የልጅ ስም?
child-registered = ተመዝግቧል። የልጅ ቁጥር { $child_number }። ይጻፉት።

visit = { $who }፦ የትኛው ጉብኝት?
no-visit = { $who } ጉብኝት የላትም። እርግዝና ወይም ወሊድ ያስገቡ።
visit-day = የጉብኝት ቀን?
danger = የአደጋ ምልክት?
danger-none = የለም
danger-bleeding = ደም መፍሰስ
danger-headache = ከባድ ራስ ምታት
danger-fits = መንቀጥቀጥ
danger-fever = ትኩሳት
danger-pain = ከባድ ሕመም
danger-moves = ሕፃኑ እንቅስቃሴ ቀነሰ
danger-feeds = ሕፃኑ አይጠባም
danger-breathing = መተንፈስ ችግር
refer-now = ተቀምጧል። አደጋ፦ { $who } አሁን ሪፈር?
visit-anc-1 = ጉብኝት 1 ሳምንት 12፦ { $day }
visit-anc-2 = ጉብኝት 2 ሳምንት 20፦ { $day }
visit-anc-3 = ጉብኝት 3 ሳምንት 26፦ { $day }
visit-anc-4 = ጉብኝት 4 ሳምንት 30፦ { $day }
visit-anc-5 = ጉብኝት 5 ሳምንት 34፦ { $day }
visit-anc-6 = ጉብኝት 6 ሳምንት 36፦ { $day }
visit-anc-7 = ጉብኝት 7 ሳምንት 38፦ { $day }
visit-anc-8 = ጉብኝት 8 ሳምንት 40፦ { $day }
visit-pnc-1 = ከወሊድ ቀን 1፦ { $day }
visit-pnc-2 = ከወሊድ ቀን 3፦ { $day }
visit-pnc-3 = ከወሊድ ሳምንት 2፦ { $day }
visit-pnc-4 = ከወሊድ ሳምንት 6፦ { $day }

vaccines = { $who }፦ ምን ተሰጠ?
no-vaccine = ለ{ $who } የታቀደ ክትባት የለም።
vaccine-later = { $who } አሁን የለውም።
    ቀጣይ፦ { $due_1 }
vaccine-day = የክትባት ቀን?
vaccine-bcg = BCG፦ { $day }
vaccine-opv-0 = OPV 0፦ { $day }
vaccine-penta-1 = Penta 1፦ { $day }
vaccine-pcv-1 = PCV 1፦ { $day }
vaccine-opv-1 = OPV 1፦ { $day }
vaccine-rota-1 = Rota 1፦ { $day }
vaccine-penta-2 = Penta 2፦ { $day }
vaccine-pcv-2 = PCV 2፦ { $day }
vaccine-opv-2 = OPV 2፦ { $day }
vaccine-rota-2 = Rota 2፦ { $day }
vaccine-penta-3 = Penta 3፦ { $day }
vaccine-pcv-3 = PCV 3፦ { $day }
vaccine-opv-3 = OPV 3፦ { $day }
vaccine-ipv-1 = IPV፦ { $day }
vaccine-mr-1 = MR 1፦ { $day }
vaccine-vitamin-a = ቫይታሚን A፦ { $day }
vaccine-mr-2 = MR 2፦ { $day }

referral-new = ሪፈር ጻፍ
referral-outcome = የሪፈር ውጤት
facility = { $who }፦ ወዴት ሪፈር?
reason = ለምን?
reason-danger = የአደጋ ምልክት
reason-birth = ለወሊድ
reason-child = የታመመ ልጅ
reason-other = ሌላ ምክንያት
referred = { $who } ሪፈር ተቀምጧል። ከ3 ቀን በኋላ ይጠየቃሉ።
no-referral = { $who } እዚህ ሪፈር የለም።
outcome = { $who }፦ የሪፈር ውጤት?
outcome-home = ታክሞ ተመልሷል
outcome-stays = እዚያው ነው
outcome-not-gone = አልሄደም

exit-reason = { $who }፦ ምን ሆነ?
exit-moved = ሄዷል
exit-died = ሞቷል
exit-refused = ክብካቤ አይፈልግም
exit-sure = ለ{ $who } ምንም አይታቀድም። ይቀመጥ?
gone = ተቀምጧል። ለ{ $who } ምንም አይታቀድም። ልጆች የራሳቸው ቁጥር አላቸው።

tasks = የዘገየ፦ { $tasks_late }። የትኛው?
no-task = በ7 ቀን ውስጥ ምንም የለም።
task-visit = { $who }፦ ጉብኝት { $day }
task-vaccines = { $who }፦ ክትባት { $day }
task-referral = { $who }፦ የሪፈር ውጤት
task-waiting = { $who }፦ መመዝገብ ትፈልጋለች
waiting = { $who } መመዝገብ ጠይቃለች። የአባት ስም?
waiting-no = ሐሰት ነው
entries = ዛሬ የተመዘገቡ፦ { $registrations }። የትኛው?
no-entry = ዛሬ ምንም አላስገቡም።
entry-what = { $who }፦ ምን ይደረግ?
entry-withdraw = ሰርዝ
entry-correct = ሰርዝና እንደገና አስገባ
entry-leave = ተው
withdrawn = ተሰርዟል። አይቆጠርም።
enter-anew = ተመልሷል። እንደገና ይደውሉና ይመዝግቡ።
ask-supervisor = ወሊድ እዚህ አይታረምም። ለአለቃዎ ይንገሩ።
menu-entries = ዛሬ ያስገባሁት
menu-hand-over = ሰዎቼን አስረክብ
colleague = የሚረከበው ባለሙያ ስልክ?
hand-over-sure = ሁሉንም ሰዎች ለ{ $colleague }?
handed-over = { $count } ሰዎች ከ{ $to } ጋር ናቸው።

event-pre-registration = የምዝገባ ጥያቄ
event-agreed = ስምምነት
event-pregnancy = እርግዝና
event-birth = ወሊድ
event-visit = ጉብኝት
event-immunisation = ክትባት
event-referral = ሪፈር
event-outcome = የሪፈር ውጤት
event-exit = መውጣት

menu-due = ቀጠሮዎቻችን
menu-pre-register = መዝግቡኝ
unknown = ስልኩ ገና አልተመዘገበም። መዝግቡኝ ይምረጡ።
nothing-due = አሁን ምንም ቀጠሮ የለም።
due-title = ቀጠሮ፦
due-line = { $due }
already-known = ይህ ስልክ ይታወቃል። የጤና ባለሙያዎን ይጠይቁ።
own-name = ስምዎ?
expected-month = ወሊድ የሚጠበቅበት ወር?
own-village = መንደርዎ?
own-refused = ምንም አልተቀመጠም። ክብካቤው አይቀየርም።
pre-registered = እናመሰግናለን። ባለሙያ ይመጣል። ቁጥርዎ { $person }። ይጻፉት።
remind-clinic = በ{ $day } በጤና ጣቢያ ይጠበቃሉ። ካልቻሉ የጤና ባለሙያ ይጠይቁ።
sms-waiting = መመዝገብ የጠየቀ አለ። ይደውሉና ተግባር ይምረጡ።
