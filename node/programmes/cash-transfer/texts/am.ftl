# Not yet read by a native speaker.
title = የቤተሰብ ድጋፍ
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
language = ቋንቋ - Language - Langue
yes = አዎ
no = አይ
female = ሴት
male = ወንድ

menu-register = ቤተሰብ መዝግብ
menu-language = ቋንቋ
given-name = የአባወራው ስም?
family-name = የአባት ስም?
birth-date = ልደት፦ ዓመት ወይም ቀን?
sex = ጾታ?
phone = የቤተሰቡ ስልክ?
no-phone = ስልክ የለም
village = መንደር?
known = ከእነዚህ አንዱ?
already = ተመዝግቧል፦ { $who }፣ { $person }
new-person = አዲስ ሰው
members = በቤቱ ስንት ሰው ይኖራል?
children = ከ18 ዓመት በታች ስንት?
income = በምን ይኖራሉ?
income-none = ቋሚ የለም
income-day = የቀን ሥራ
income-farm = እርሻ
income-wage = ደመወዝ
house = ጣሪያው ከምን ነው?
house-grass = ሳር ወይም ሸራ
house-iron = ቆርቆሮ
house-tiles = ሸክላ
consent = ቢሮው ለድጋፍ ውሳኔ ይህን ይይዛል። ይስማማሉ?
refused = ምንም አልተቀመጠም። እንደገና መጠየቅ ይቻላል።
registered = { $status }
    ቁጥር { $person }
    እባክዎ ይጻፉት።

unknown = ስልኩ ገና አልተረጋገጠም። ለመልእክታችን 1 ይመልሱ ወይም ባለሙያ ይጠይቁ።
menu-result = ውጤቴ
menu-payout = የክፍያ መንገድ
menu-payments = ክፍያዎቼ
menu-complain = ቅሬታ
menu-appeal = ይግባኝ
menu-replies = መልሶቼ
result = ውጤትዎ፦
no-result = ገና ውጤት የለም። SMS ይነግርዎታል።
payout-kind = እንዴት ይከፈልዎ?
payout-mobile = በሞባይል
payout-desk = በመስኮት
payout-number = የትኛው ስልክ ይቀበል?
payout-kept = ተቀምጧል። ከክፍያ በፊት ይጣራል።
payments = ክፍያዎችዎ፦
no-payment = ገና ክፍያ የለም።
complaint = ችግሩ ምንድን ነው?
appeal = ውጤቱ ለምን ትክክል አይደለም?
complained = እናመሰግናለን። ሌላ ሰው ያየዋል። SMS ይነግርዎታል።
replies = መልሶች፦
no-reply = ገና መልስ የለም።
each-line = { $events }

menu-decide = ወስን
menu-complaints = ቅሬታዎች
menu-appeals = ይግባኞች
menu-pay = ክፍያ ተፈጸመ
households = የትኛው ቤተሰብ?
none = ክፍት የለም።
reason = { $household }
reason-eligible = ድጋፍ ያገኛል
reason-income = አያገኝም፦ ገቢ
reason-papers = ሰነድ ጎደለ
reason-other = አያገኝም፦ ሌላ
kept = ተቀምጧል። SMS ይነግራል።
complaints = የትኛው ቅሬታ?
appeals = የትኛው ይግባኝ?
reply = { $open_case }
    መልስዎ?
payouts = ማን ተከፈለ?
amount = ስንት ተከፈለ?

household-line = { $day } { $who }፦ { $members }/{ $children } { $income }፣ { $house }
decision-line = { $day }፦ { $reason }
payout-line = { $day } { $who }፦ { $payout_kind }
payment-line = { $day }፦ { $amount }
complaint-line = { $day } { $who }፦ { $complaint }
reply-line = { $day }፦ { $reply }
news = ለእርስዎ አዲስ ነገር አለ። የአገልግሎቱን ኮድ ይደውሉ።
payout-changed = መዝገብዎ ዛሬ ተቀይሯል። እርስዎ ካልሆኑ ለጤና ባለሙያ ይንገሩ።
event-household = ቤተሰብ
event-decision = ውጤት
event-payout = የክፍያ መንገድ
event-payment = ክፍያ
event-complaint = ቅሬታ
event-appeal = ይግባኝ
event-reply = መልስ

menu-household = አባላት
home = የአንድ አባል ቁጥር?
no-home = በቤተሰብ የለም። ቤተሰቡን አስቀድመው ይመዝግቡ።
home-menu = { $who }: { $members_total }
menu-see = እይ
menu-new = አዲስ ሰው
menu-known = በቁጥር
menu-leave = አስወጣ
see = በቤተሰቡ፦
each-member = { $members }
new-given-name = የአዲሱ ሰው ስም?
member-role = በቤተሰቡ ምንድን ነው?
role-spouse = ባል ወይም ሚስት
role-child = ልጅ
role-other = ሌላ አባል
role-head = ኃላፊ ከአሁን
member-consent = ቢሮው ለድጋፍ መረጃ ይይዛል። ይስማማሉ?
member-refused = ስለዚህ ሰው አልተመዘገበም።
new-joined = ተጨመረ፦ { $status }
    ቁጥር { $person }
    ይጻፉት።
newcomer = የሚገባው ሰው ቁጥር?
joined = { $who } አሁን በዚህ ቤተሰብ ነው።
leaver = ማን ወጣ?
left = { $who } ከቤተሰቡ ወጣ።
event-member = የቤተሰብ አባል

form-complaint = ቅሬታ
