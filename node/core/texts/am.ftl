# Not yet read by a native speaker.
# Amharic needs UCS-2: 70 characters a text message, so every sentence is as short as it can be.

key-back = 00 ተመለስ
key-more = 99 ቀጥል

resume-question = ካቆሙበት ይቀጥሉ?
resume-yes = አዎ
resume-no = አይ
village-question = የመንደርዎን ኮድ ይጻፉ።
home-title = አገልግሎቶች
home-exit = ውጣ
home-bye = እናመሰግናለን። ደህና ይሁኑ።
home-language = ቋንቋ
busy = አገልግሎቱ ተጨናንቋል። ትንሽ ቆይተው ይሞክሩ።
failed = ስህተት አለ፤ ምንም አልተቀመጠም። ቆይተው ይሞክሩ።
no-service = ለዚህ ቁጥር አገልግሎት የለም። የጤና ባለሙያ ይጠይቁ።
session-ended = ንግግሩ አብቅቷል። እንደገና ይደውሉ።
phone-without-number = ይህ ስልክ ቁጥር የለውም። አስተዳዳሪውን ይጠይቁ።
session-too-long = ብዙ ደረጃ ሆነ። እንደገና ይደውሉ።
line-too-narrow = This line cannot show this service. Please use SMS.

refuse-choice = ከሚታዩት ቁጥሮች አንዱን ይጻፉ።
refuse-choices = የሚስማሙትን ቁጥሮች ይጻፉ፣ እንደ 1 3።
refuse-empty = መልስ ይጻፉ።
refuse-name = ስም በፊደል ብቻ ይጻፉ።
refuse-text = ፊደል፣ ቁጥርና ባዶ ቦታ ብቻ ይጻፉ።
refuse-identifier = ከ{ $min } እስከ { $max } ፊደል ወይም ቁጥር ይጻፉ።
refuse-phone = ሙሉ ስልክ ቁጥር ይጻፉ።
refuse-number = ከ{ $min } እስከ { $max } ያለ ቁጥር ይጻፉ።
refuse-day = ቀኑን እንደ { $example } ይጻፉ።
refuse-year-or-day = ዓመት እንደ { $year } ወይም ቀን እንደ { $example }።
refuse-month-or-day = ወር እንደ { $month } ወይም ቀን እንደ { $example }።
refuse-any-date = እንደ { $year }፣ { $month } ወይም { $example } ይጻፉ።
refuse-future = ቀኑ ገና ነው። ቀደም ያለ ይጻፉ።
refuse-old = በጣም ሩቅ ነው። { $earliest } ወይም ከዚያ በኋላ።
refuse-recent = በጣም ቅርብ ነው። { $latest } ወይም ከዚያ በፊት።
refuse-ahead = በጣም ሩቅ ነው። { $latest } ወይም ከዚያ በፊት።
refuse-long = ረዝሟል። ቢበዛ { $limit } ፊደል ይጻፉ።
refuse-page = ሌላ የለም። ከሚታዩት አንዱን ይጻፉ።
refuse-registration-number = { $short } ወይም { $long } አሃዝ ይጻፉ።
refuse-check-digit = አንድ አሃዝ ስህተት ነው። አይተው ይጻፉ።
refuse-amount = ከ{ $min } እስከ { $max } ያለ ገንዘብ ይጻፉ።
refuse-pin = ከ{ $min } እስከ { $max } አሃዝ ይጻፉ።

form-refused = { $field }: { $fix } ምንም አልተቀመጠም።
form-choices = ከእነዚህ አንዱን ይጻፉ፦ { $choices }።
form-name = ስሙን ይጻፉ፣ እንደ { $example }።
form-sample = እንዲህ ይላኩ፦ { $sample }

status-held = እዚህ ተቀምጧል
status-carried = ማዕከል ደርሷል
status-accepted = ተቀባይነት አግኝቷል
status-effective = ተጠናቋል
status-rejected = አልተቀበለም
status-conflict = በምርመራ ላይ
status-withdrawn = ተመልሷል

reject-not-allowed = ቁጥርዎ አይፈቀድለትም። ኃላፊዎን ይጠይቁ።
reject-no-consent = ሰውየው ስላልተስማማ ምንም አልተቀመጠም።
reject-incomplete = መልስ ይጎድላል፤ ምንም አልተቀመጠም። እንደገና ይጻፉ።
reject-no-open-review = የሚጠብቅ ጥያቄ የለም። ለዝርዝሩ ይደውሉ።
reject-review-which = ከአንድ በላይ ምርመራ አለ። ቁጥሩንም ይላኩ፣ እንደ { $example }።
reject-review-unknown = ምርመራ { $n } የለም። ቁጥሩን ያረጋግጡ።
reject-not-registered = ይህ ቁጥር አልተመዘገበም። የጤና ባለሙያ ወይም ቢሮ ይጠይቁ።
reject-not-bound = ቁጥሩ አልተረጋገጠም። ለመልእክቱ 1 ይመልሱ ወይም ይደውሉ።
reject-language = ይህ ቋንቋ የለም። ሌላ ይምረጡ።
reject-numbers = የምዝገባ ቁጥር አልቋል። ኃላፊዎን ይንገሩ።
reject-phone-full = ቁጥሩ የ{ $limit } ሰዎች ነው። ሌላ ይጻፉ ወይም ይተዉ።
reject-births = የእናትና የልጅ ልደት አይስማሙም። አንዱን ይቀይሩ።
reject-village = ይህ ኮድ የለም። የመንደርዎን ይጻፉ።

digest = { $accepted } ተቀባይነት አገኙ፣ { $rejected } አላገኙም፣ { $review } እርስዎን ይጠብቃሉ።
review-question = ምርመራ { $n }፦ ..{ $own } እና ..{ $other }። አንድ ሰው ናቸው? 1 አዎ፣ 2 አይ ይመልሱ።
review-answered = እናመሰግናለን። የምርመራ { $n } መልስዎ ተቀምጧል።
claim = የመንግሥት ቢሮ ይህን ቁጥር ተሰጥቶታል። መልእክት ለማግኘት 1፣ ላለማግኘት STOP ይመልሱ።
bound = እናመሰግናለን። መልእክት በዚህ ቁጥር ይመጣል። ለማቆም STOP ይላኩ።
stopped = ከእኛ መልእክት አይመጣም። እንደገና ለማግኘት START ይላኩ።
started = መልእክት እንደገና ይመጣል። ለማቆም STOP ይላኩ።
unknown-text = አልገባንም። ለአገልግሎት MENU፣ ጥያቄ ለመመለስ 1 ወይም 2፣ ለማቆም STOP ይላኩ።
alias-assigned = ቁጥርዎ { $old } አሁን { $new } ነው። ሁለቱም ይሠራሉ።
result-accepted = ምዝገባዎ የሕዝብ መዝገብ ደርሷል። ጥያቄ ካለ የጤና ባለሙያ ይጠይቁ።

month-1 = ጃንዩ
month-2 = ፌብሩ
month-3 = ማርች
month-4 = ኤፕሪ
month-5 = ሜይ
month-6 = ጁን
month-7 = ጁላይ
month-8 = ኦገስ
month-9 = ሴፕቴ
month-10 = ኦክቶ
month-11 = ኖቬም
month-12 = ዲሴም

ethiopian-month-1 = መስከረም
ethiopian-month-2 = ጥቅምት
ethiopian-month-3 = ኅዳር
ethiopian-month-4 = ታኅሣሥ
ethiopian-month-5 = ጥር
ethiopian-month-6 = የካቲት
ethiopian-month-7 = መጋቢት
ethiopian-month-8 = ሚያዝያ
ethiopian-month-9 = ግንቦት
ethiopian-month-10 = ሰኔ
ethiopian-month-11 = ሐምሌ
ethiopian-month-12 = ነሐሴ
ethiopian-month-13 = ጳጉሜ

reject-no-person = በዚህ ቁጥር ሰው የለም። ቁጥሩን ያረጋግጡ።
reject-which-person = ስልኩን ብዙ ሰዎች ይጠቀማሉ። የቁጥርዎን መጨረሻ 4 አሃዞች ይጻፉ።
reject-no-entry = ይህ መዝገብ የለም ወይም የእርስዎ አይደለም።
reject-entry-left = መዝገቡ ተልኳል ወይም ጥያቄ አለው። ቢሮውን ይጠይቁ።
reject-entry-used = ሌሎች መዝገቦች በዚህ ላይ ናቸው። መጀመሪያ እነዚያን ይመልሱ።
entry-registered = ምዝገባ { $who }
reject-no-task = ይህ ሥራ አልቋል። ዝርዝሩን እንደገና ይመልከቱ።
reject-no-worker = በዚህ ቁጥር ሌላ የጤና ባለሙያ የለም።

tasks-due = ዛሬ፦ { $due } የደረሱ፣ { $late } የዘገዩ። ለዝርዝሩ ይደውሉ።
tasks-late = የ{ $workers } ባለሙያዎች { $late } ሥራ ዘግይቷል። ይደውሉ ወይም ይጠይቁ።

reject-maker-checker = አንድ ሰው ማቅረብና ማጽደቅ አይችልም። ሌላ ሰው ይምረጡ።
reject-no-role = እንዲህ ያለ ሚና የለም። አካባቢና ቁጥር ያረጋግጡ።
reject-pin-wrong = ፒኑ ትክክል አይደለም። እንደገና ይጻፉ።
reject-pin-wait = ብዙ የተሳሳተ ፒን። ከአንድ ሰዓት በኋላ ይሞክሩ።
reject-pin-locked = ፒኑ ተቆልፏል። የጤና ባለሙያ ይጠይቁ።
reject-pin-weak = ይህ ፒን ለመገመት ቀላል ነው። ሌላ ይጻፉ።
reject-pin-length = 6 አሃዝ ይጻፉ።
reject-pin-set = ፒን አለዎት። መቀየርን ይምረጡ።
reject-pin-none = ፒን የለም። አንድ ይምረጡ ወይም የጤና ባለሙያ ይጠይቁ።
reject-pin-worker = ፒን ለማውጣት የጤና ባለሙያ ይጠይቁ።
reject-pin-first = መጀመሪያ ፒንዎን ይጻፉ።
reject-pin-who = መጀመሪያ የምዝገባ ቁጥርዎን መጨረሻ 4 አሃዞች ይጻፉ።
reject-pin-sms = ፒን በመልእክት አይጠየቅም። ለአገልግሎቱ ይደውሉ።
reject-second-person = ይህን ሌላ የጤና ባለሙያ ማድረግ አለበት።
reject-unknown-number = በዚህ ቁጥር ሰው የለም። ቁጥሩን ያረጋግጡ።
pin-was-reset = የዚህ ቁጥር ፒን ተቀይሯል። እርስዎ አይደሉም? የጤና ባለሙያ ይጠይቁ።
consent-withdrawn = ፈቃድዎን ሰርዘዋል። አሁኑኑ ይጸናል።
reject-second-officer = ሁለተኛ ሰው ማጽደቅ አለበት፤ ከሁለቱ አንዱ ኃላፊ ይሁን።

reject-slip-none = የሚጸና ምዝገባ በዚህ ቁጥር የለም። ቁጥሩን ያረጋግጡ።
reject-slip-key = ይህ ጣቢያ ገና ኮድ መስጠት አይችልም። ማዕከሉን ያግኝ።
slip-code = ኮድ { $code }። ከቁጥርና ከልደት ዓመት ጋር ይታያል። ለማረጋገጥ፦ CHECK ኮድ ቁጥር ዓመት።
slip-code-own = የመንግሥት ቢሮ ኮድ { $code } ሰጥቶዎታል። ከቁጥርዎና ከልደት ዓመትዎ ጋር ያሳዩት።
slip-valid = ትክክል። ኮዱ በ{ $month } ለዚህ ቁጥርና ልደት ዓመት እዚህ ተሰጥቷል።
slip-not-valid = ለዚህ ቁጥርና ልደት ዓመት እዚህ ትክክል አይደለም። የሌላ አካባቢ ኮድ በቢሮ ይጠየቃል።
slip-revoked = ተሰርዟል። ምዝገባው አይጸናም።
slip-unreadable = ኮዱ፣ ቁጥሩ ወይም ዓመቱ ስህተት አለው። ይላኩ፦ CHECK ኮድ ቁጥር ዓመት።
slip-title = የምዝገባ ማረጋገጫ
slip-how = ይህን ወረቀት ይያዙ። ሲነበብ ቁጥርዎና የልደት ዓመትዎ ይጠየቃል።
reject-reference = ዝርዝሩ አልወጣም፦ { $finding }

broadcast-question = መልእክት { $n }፦ { $people } ሰዎች፣ { $parts } ክፍል፣ ዋጋ { $price }። ጽሑፉ ይከተላል። YES { $n } ወይም NO { $n } ይመልሱ።
broadcast-approved = እናመሰግናለን። መልእክት { $n } ይጀምራል።
broadcast-refused = እናመሰግናለን። መልእክት { $n } አይላክም።
reject-no-proposal = በዚህ ቁጥር የሚጠብቅ መልእክት የለም።
reject-own-proposal = ይህን ያቀረቡት እርስዎ ነዎት። ሌላ ሰው ይወስን።

alert-raised = ማስጠንቀቂያ፦ { $alert }
alert-more = ማስጠንቀቂያ፣ ተጨማሪ፦ { $alert }
alert-clear = አደጋው አልፏል፦ { $alert }
alert-after-stop = ሕይወት አደጋ ላይ ስለሆነ ከSTOP በኋላም ይላካል።
alert-begun = እናመሰግናለን። ቃልዎ አሁን ለአካባቢው ሰዎች ይሄዳል።
reject-alert = ማስጠንቀቂያ ከ1 እስከ 300 ፊደል ነው። ያሳጥሩት።
reject-no-alert = በዚህ አካባቢ ማስጠንቀቂያ የለም። ALERT እና ቃላቱን ይላኩ።

prove-pin = ፒንዎ?
prove-pin-of = ፒንዎ? ከሌለዎት የጤና ባለሙያ ይጠይቁ።
prove-new = የማይገመት 6 አሃዝ ፒን ይምረጡ። የግልዎን ይከፍታል።
prove-digits = የጋራ ስልክ። የምዝገባ ቁጥር መጨረሻ 4 አሃዝ?

reader-own = እርስዎ
reader-health-worker = የጤና ባለሙያ
reader-vendor = ሻጭ
reader-clerk = ጸሐፊ
reader-officer = ኃላፊ
reader-administrator = አስተዳዳሪ
reader-auditor = ኦዲተር
reader-system = ሌላ ሥርዓት
read-own = የራስ መዝገብ
read-case = መዝገብ
read-list = ዝርዝር
read-task = ሥራ
read-search = ፍለጋ
read-console = ቢሮ
read-registry = መዝገብ ቤት
read-export = ወጪ
read-report = ሪፖርት
read-review = ማነጻጸር
read-many = አንድ ሰው በሰዓት ከ{ $limit } በላይ መዝገብ አይቷል። የንባብ መዝገቡን ይመልከቱ።
read-exported = የግል መረጃ ወጥቷል። የንባብ መዝገቡን ይመልከቱ።

reject-no-mother = እናት አይደለችም ወይም የልደት ዓመቷ አይታወቅም። ቁጥሩን ያረጋግጡ።
match-question = ግምገማ { $n }፦ ቁጥር ..{ $own } እና ..{ $other }። አንድ ሰው ናቸው? { $n } 1=አዎ 2=አይ 3=አላውቅም ይመልሱ።
reject-not-joined = እነዚህ ሁለት ሰዎች አልተጣመሩም።
reject-too-many = ብዙ ሰዎች ይገጥማሉ። የልደት ዓመት ወይም መንደር ይጨምሩ።
sex-female = ሴት
sex-male = ወንድ

household-head = የቤተሰብ ኃላፊ
household-spouse = ባል ወይም ሚስት
household-child = ልጅ
household-other = ሌላ አባል
reject-no-household = ይህ ሰው እዚህ በቤተሰብ የለም።
reject-same-household = ሁለቱም በአንድ ቤተሰብ ናቸው።
reject-given = ይህ ለዚህ ጊዜ ተሰጥቷል። አልተመዘገበም።
reject-ask-hub = ስለዚህ ቤተሰብ ወረዳ ይወስናል። አልተመዘገበም።
reject-ask-node = ቤተሰቡን የመዘገበው ጣቢያ ይወስናል። አልተመዘገበም።
reject-unit = ከ{ $limit } በላይ ተያይዘዋል። ወረዳውን ይጠይቁ።

## Pages of the district office.
reject-sign-in = ቁጥር፣ ሚና ወይም የይለፍ ሐረግ ትክክል አይደለም።
reject-reason = ምክንያቱን ይጻፉ፣ ቢበዛ { $limit } ፊደል።

confirm = የመንግሥት ቢሮ ይህ ቁጥር አለው። አሁንም ይጠቀሙበታል? አዎ ከሆነ 1፣ አይደለም ከሆነ 2 ይመልሱ።
claim-shared = የመንግሥት ቢሮ ይህን ቁጥር ለሌላ ሰውም ተቀብሏል። በጋራ ከሆነ 1፣ የእርስዎ ብቻ ከሆነ 3፣ ስህተት ከሆነ 2 ይመልሱ።
denied = እናመሰግናለን። ከእንግዲህ የግል ነገር ወደዚህ ቁጥር አይላክም።
change-asked = መረጃዎ እየተቀየረ ነው። እርስዎ አይደሉም? አይ { $code } ብለው ይመልሱ።
change-asked-stopped = ከSTOP በኋላም ሕግ ያስገድደናል፦ መረጃዎ እየተቀየረ ነው። እርስዎ አይደሉም? አይ { $code } ይመልሱ።
change-stopped = የመረጃዎ ለውጥ ቆሟል። ሁሉም እንደነበረ ይቆያል።
reject-change-none = የሚጠብቅ ለውጥ የለም።
reject-change-open = ለውጥ ይጠብቃል። መጀመሪያ ያቁሙት።
reject-change-same = ሌላ ቁጥር ይጻፉ።
reject-change-pin = ገና PIN የላትም። መጀመሪያ ይመለስ፣ እሷ ትምረጥ።
reject-change-held = ይህ ቁጥር ተረጋግጧል። በመረጃዬ ሥር ከPINዋ ጋር ይቀይሩት።

staff-pin = የሥራ ፒንዎ?
staff-code = ከቢሮዎ የተሰጠ የአንድ ጊዜ ኮድ (8 አሃዝ)?
staff-new = የማይገመት 6 አሃዝ የሥራ ፒን ይምረጡ። ሥራዎን ይከፍታል።
staff-code-none = የሥራ ፒን የለም። የአንድ ጊዜ ኮድ ከቢሮዎ ይጠይቁ።
staff-code-wrong = ኮዱ ትክክል አይደለም። 8 አሃዙን እንደገና ይጻፉ።
staff-pin-locked = ፒኑ ተቆልፏል። አዲስ የአንድ ጊዜ ኮድ ከቢሮዎ ይጠይቁ።
reject-staff-pin = ይህ በሥራ ፒንዎ ይከፈታል። ለአገልግሎቱ ይደውሉ።
erased = እንዲሰረዝ የተጠየቀው መረጃ ተሰርዟል። መልስ አያስፈልግም።
